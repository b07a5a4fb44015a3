namespace Emulator.Amqp.Framing;

/// <summary>sasl-code. AMQP 1.0 part 5, 5.3.3.6.</summary>
public enum SaslCode
{
    /// <summary>Authenticated.</summary>
    Ok = 0,

    /// <summary>Bad credentials; the connection is closed.</summary>
    Auth = 1,

    /// <summary>System error.</summary>
    Sys = 2,

    /// <summary>System error that will not go away.</summary>
    SysPerm = 3,

    /// <summary>System error that may go away.</summary>
    SysTemp = 4,
}

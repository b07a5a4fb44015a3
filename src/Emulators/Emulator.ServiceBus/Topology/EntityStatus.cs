namespace Emulator.ServiceBus.Topology;

/// <summary>Which directions an entity is open in, in the words of the admin REST surface.</summary>
public enum EntityStatus
{
    /// <summary>Sends and receives work.</summary>
    Active,

    /// <summary>Neither works.</summary>
    Disabled,

    /// <summary>Receives work, sends are refused.</summary>
    SendDisabled,

    /// <summary>Sends work, receives are refused.</summary>
    ReceiveDisabled,
}

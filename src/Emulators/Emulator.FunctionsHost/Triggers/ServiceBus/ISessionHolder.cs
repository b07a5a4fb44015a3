namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>The session whose messages an invocation has.</summary>
internal interface ISessionHolder
{
    DateTimeOffset LockedUntil { get; }

    Task<BinaryData> GetStateAsync(CancellationToken cancellationToken);

    Task SetStateAsync(BinaryData? state, CancellationToken cancellationToken);

    /// <summary>Lets the session go when the invocation has ended.</summary>
    void Release();

    Task<DateTimeOffset> RenewLockAsync(CancellationToken cancellationToken);
}

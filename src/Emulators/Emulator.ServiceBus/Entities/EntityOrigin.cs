namespace Emulator.ServiceBus.Entities;

/// <summary>Where an entity comes from, and its times. Changed under the domain's gate, except <see cref="AccessedAt"/>.</summary>
internal sealed class EntityOrigin
{
    private long _accessedTicks;

    /// <summary>Fingerprint of how the topology declares it; null when it was created at run time.</summary>
    public string? Declared { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>
    /// When a client last attached a link, sent a message or added a subscription; <see cref="DateTimeOffset.MinValue"/> when none did
    /// since the start.
    /// </summary>
    public DateTimeOffset AccessedAt
    {
        get => new(Volatile.Read(ref _accessedTicks), TimeSpan.Zero);
        set => Volatile.Write(ref _accessedTicks, value.UtcTicks);
    }

    public static EntityOrigin At(DateTimeOffset now, string? declared = null) =>
        new() { Declared = declared, CreatedAt = now, UpdatedAt = now };
}

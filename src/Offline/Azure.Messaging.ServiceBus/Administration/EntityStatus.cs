#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Which directions an entity is open in.</summary>
public readonly struct EntityStatus : IEquatable<EntityStatus>
{
    private readonly string _value;

    /// <param name="value">As on the wire.</param>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    public EntityStatus(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    /// <summary>Sends and receives work.</summary>
    public static EntityStatus Active { get; } = new("Active");

    /// <summary>Neither works.</summary>
    public static EntityStatus Disabled { get; } = new("Disabled");

    /// <summary>Sends are refused.</summary>
    public static EntityStatus SendDisabled { get; } = new("SendDisabled");

    /// <summary>Receives are refused.</summary>
    public static EntityStatus ReceiveDisabled { get; } = new("ReceiveDisabled");

    /// <summary>From the wire's word.</summary>
    public static implicit operator EntityStatus(string value) => new(value);

    /// <summary>Same word, whatever its case.</summary>
    public static bool operator ==(EntityStatus left, EntityStatus right) => left.Equals(right);

    /// <summary>Another word.</summary>
    public static bool operator !=(EntityStatus left, EntityStatus right) => !left.Equals(right);

    /// <summary>Same word, whatever its case.</summary>
    public bool Equals(EntityStatus other) => string.Equals(_value, other._value, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object obj) => obj is EntityStatus other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value is null ? 0 : StringComparer.OrdinalIgnoreCase.GetHashCode(_value);

    /// <summary>The wire's word.</summary>
    public override string ToString() => _value;
}

#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Tier of a namespace.</summary>
public readonly struct MessagingSku : IEquatable<MessagingSku>
{
    private readonly string _value;

    /// <param name="value">As on the wire.</param>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    public MessagingSku(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    /// <summary>Basic.</summary>
    public static MessagingSku Basic { get; } = new("Basic");

    /// <summary>Standard.</summary>
    public static MessagingSku Standard { get; } = new("Standard");

    /// <summary>Premium.</summary>
    public static MessagingSku Premium { get; } = new("Premium");

    /// <summary>From the wire's word.</summary>
    public static implicit operator MessagingSku(string value) => new(value);

    /// <summary>Same word, whatever its case.</summary>
    public static bool operator ==(MessagingSku left, MessagingSku right) => left.Equals(right);

    /// <summary>Another word.</summary>
    public static bool operator !=(MessagingSku left, MessagingSku right) => !left.Equals(right);

    /// <summary>Same word, whatever its case.</summary>
    public bool Equals(MessagingSku other) => string.Equals(_value, other._value, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object obj) => obj is MessagingSku other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value is null ? 0 : StringComparer.OrdinalIgnoreCase.GetHashCode(_value);

    /// <summary>The wire's word.</summary>
    public override string ToString() => _value;
}

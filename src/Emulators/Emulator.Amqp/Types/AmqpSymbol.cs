namespace Emulator.Amqp.Types;

/// <summary>An AMQP symbol: ASCII text from a constrained domain, distinct on the wire from a string. AMQP 1.0 part 1, 1.6.21.</summary>
/// <param name="Value">ASCII characters; other characters are written as '?'.</param>
public readonly record struct AmqpSymbol(string Value)
{
    /// <summary>The symbol's text; empty for the default value.</summary>
    public string Value { get; } = Value;

    /// <summary>Makes a symbol of its text.</summary>
    public static implicit operator AmqpSymbol(string value) => new(value);

    /// <summary>Makes a symbol of its text.</summary>
    public static AmqpSymbol FromString(string value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}

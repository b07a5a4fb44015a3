using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>The error a peer gives with detach, end, close or a rejected outcome. AMQP 1.0 part 2, 2.8.14.</summary>
/// <param name="Condition">What went wrong, one of <see cref="AmqpCondition"/> or a broker's own.</param>
/// <param name="Description">A sentence for people; may be null.</param>
/// <param name="Info">Further data; may be null.</param>
public sealed record AmqpError(AmqpSymbol Condition, string? Description = null, AmqpMap? Info = null)
{
    /// <inheritdoc/>
    public override string ToString() => Description is null ? Condition.Value : $"{Condition.Value}: {Description}";
}

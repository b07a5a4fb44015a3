using System.Runtime.CompilerServices;
using Relay.Protocol.Envelopes;

namespace Relay.DeadLetters;

/// <summary>Looks through dead letters without touching them.</summary>
internal static class DeadLetterSurvey
{
    private const int AtOnce = 250;

    /// <summary>Every dead letter that the filter takes, queue by queue in the bus's order. Bodies are not kept.</summary>
    public static async IAsyncEnumerable<DeadLetter> ReadAsync(
        IDeadLetterBus bus, DeadLetterFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var queue in filter.Queues)
        {
            await foreach (var letter in ReadAsync(bus, queue, cancellationToken))
            {
                if (filter.Takes(letter)) yield return letter;
            }
        }
    }

    private static async IAsyncEnumerable<DeadLetter> ReadAsync(
        IDeadLetterBus bus, Lane queue, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var from = 0L; ;)
        {
            var some = await bus.PeekAsync(queue, from, AtOnce, cancellationToken);
            if (some.Count == 0) yield break;
            foreach (var message in some) yield return message.Letter;
            from = some[^1].Letter.Key.Number + 1;
        }
    }
}

using System.Runtime.CompilerServices;

namespace Relay.DeadLetters;

/// <summary>Looks through dead letters without touching them.</summary>
internal static class DeadLetterSurvey
{
    private const int AtOnce = 250;

    /// <summary>Every dead letter that the filter takes, place by place in the bus's order. Bodies are not kept.</summary>
    public static async IAsyncEnumerable<DeadLetter> ReadAsync(
        IDeadLetterBus bus, DeadLetterFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var source in filter.Sources)
        {
            await foreach (var letter in ReadAsync(bus, source, cancellationToken))
            {
                if (filter.Takes(letter)) yield return letter;
            }
        }
    }

    private static async IAsyncEnumerable<DeadLetter> ReadAsync(
        IDeadLetterBus bus, DeadLetterSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var from = 0L; ;)
        {
            var some = await bus.PeekAsync(source, from, AtOnce, cancellationToken);
            if (some.Count == 0) yield break;
            foreach (var message in some) yield return message.Letter;
            from = some[^1].Letter.Key.Number + 1;
        }
    }
}

namespace Relay.DeadLetters;

/// <summary>
/// Bodies of dead letters, read again in the order in which they go back. What stands near is read with each and kept, up to a bound.
/// </summary>
/// <param name="bus">Where they are.</param>
/// <param name="wanted">Those that will be asked for, once each.</param>
internal sealed class BodyWindow(IDeadLetterBus bus, IEnumerable<DeadLetter> wanted)
{
    private const int AtOnce = 250;
    private const long MaxBytes = 64 * 1024 * 1024;

    private readonly HashSet<DeadLetterKey> _wanted = [.. wanted.Select(letter => letter.Key)];
    private readonly Dictionary<DeadLetterKey, DeadLetterMessage> _kept = [];
    private long _bytes;

    /// <returns>Null when it is gone, or no longer what it was.</returns>
    public async ValueTask<DeadLetterMessage?> ReadAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        if (!_kept.Remove(letter.Key, out var message))
        {
            await FillAsync(letter.Key, cancellationToken);
            if (!_kept.Remove(letter.Key, out message)) return null;
        }
        _bytes -= message.Body.Length;
        _wanted.Remove(letter.Key);
        return message.Letter.Body == letter.Body ? message : null;
    }

    private async ValueTask FillAsync(DeadLetterKey from, CancellationToken cancellationToken)
    {
        var some = await bus.PeekAsync(from.Source, from.Number, AtOnce, cancellationToken);
        if (_bytes + some.Sum(message => (long)message.Body.Length) > MaxBytes)
        {
            _kept.Clear();
            _bytes = 0;
        }

        foreach (var message in some.Where(message => _wanted.Contains(message.Letter.Key)))
        {
            if (_kept.TryAdd(message.Letter.Key, message)) _bytes += message.Body.Length;
        }
    }
}

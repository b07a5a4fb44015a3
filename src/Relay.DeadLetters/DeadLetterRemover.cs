namespace Relay.DeadLetters;

/// <summary>
/// Takes chosen dead letters away. The bus gives them out only in its own order, under a lock: those that are not chosen, or not yet, are
/// held until they are or this is disposed, so that those behind them come.
/// </summary>
/// <param name="bus">Where they are.</param>
/// <param name="atOnce">How many are taken in one go at most, 1 to 250.</param>
internal sealed class DeadLetterRemover(IDeadLetterBus bus, int atOnce = DeadLetterRemover.Most) : IAsyncDisposable
{
    /// <summary>As many as are taken in one go at most.</summary>
    public const int Most = 250;

    // What is held under locks without being chosen: so much of a queue may stand before the chosen ones.
    private const long MaxHeldBytes = 256L * 1024 * 1024;

    private readonly int _atOnce = atOnce;
    private readonly Dictionary<DeadLetterKey, DeadLetterMessage> _held = [];
    private readonly HashSet<DeadLetterKey> _chosen = [];
    private long _heldBytes;
    private int _patience = atOnce;

    /// <summary>Chosen and not yet gone.</summary>
    public int Waiting => _chosen.Count;

    /// <summary>How many are gone.</summary>
    public int Removed { get; private set; }

    /// <summary>Chooses some.</summary>
    public void Choose(IEnumerable<DeadLetter> letters) => _chosen.UnionWith(letters.Select(letter => letter.Key));

    /// <summary>Takes away what can be had at little cost; called while more is still to be chosen.</summary>
    public async Task RemoveSomeAsync(CancellationToken cancellationToken)
    {
        await RemoveHeldAsync();
        if (_chosen.Count < _patience) return;
        var chosen = _chosen.Count;
        foreach (var source in ChosenSources()) await TakeAsync(source, cancellationToken);
        // Where the order of going back is far from the bus's, each look brings mostly what is not chosen yet.
        _patience = chosen - _chosen.Count < _atOnce / 2 ? Math.Max(_chosen.Count, _patience) * 2 : _atOnce;
    }

    /// <summary>Takes away all that is chosen, as far as it is there and nobody else has it locked.</summary>
    public async Task RemoveAllAsync(CancellationToken cancellationToken)
    {
        await RemoveHeldAsync();
        foreach (var source in ChosenSources())
        {
            while (_chosen.Any(key => key.Source == source) && await TakeAsync(source, cancellationToken))
            {
            }
        }
    }

    /// <summary>Gives back what is held.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var some in _held.Values.Chunk(Most))
        {
            await Task.WhenAll(some.Select(message => bus.ReleaseAsync(message, CancellationToken.None).AsTask()));
        }
        _held.Clear();
    }

    private DeadLetterSource[] ChosenSources() => [.. _chosen.Select(key => key.Source).Distinct()];

    // A lock may have run out meanwhile: then it comes again.
    private async Task RemoveHeldAsync()
    {
        var now = _held.Values.Where(message => _chosen.Contains(message.Letter.Key)).ToList();
        foreach (var message in now)
        {
            _held.Remove(message.Letter.Key);
            _heldBytes -= message.Body.Length;
        }
        await CompleteAsync(now);
    }

    // False when there is no more, or what comes has been here already: then its lock has run out, and the ones behind it are out of reach.
    private async Task<bool> TakeAsync(DeadLetterSource source, CancellationToken cancellationToken)
    {
        var taken = await bus.TakeAsync(source, _atOnce, cancellationToken);
        var again = false;
        foreach (var message in taken.Where(message => !_chosen.Contains(message.Letter.Key)))
        {
            again |= !_held.TryAdd(message.Letter.Key, message);
            _held[message.Letter.Key] = message;
            _heldBytes += message.Body.Length;
        }
        await CompleteAsync([.. taken.Where(message => _chosen.Contains(message.Letter.Key))]);
        return taken.Count > 0 && !again && _heldBytes <= MaxHeldBytes;
    }

    // Not cancelled: what was asked for would be done, and not counted.
    private async Task CompleteAsync(IReadOnlyList<DeadLetterMessage> messages)
    {
        var done = await Task.WhenAll(messages.Select(message => bus.TryCompleteAsync(message, CancellationToken.None).AsTask()));
        foreach (var (message, isDone) in messages.Zip(done))
        {
            if (!isDone) continue;
            _chosen.Remove(message.Letter.Key);
            Removed++;
        }
    }
}

using Relay.DeadLetters;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Cli.Tests.DeadLetters;

/// <summary>Dead letters in memory, whose calls can be made to fail before or after their effect.</summary>
internal sealed class MemoryDeadLetters : IDeadLetterBus
{
    private readonly SortedDictionary<(string, long), DeadLetterMessage> _letters = [];
    private readonly HashSet<DeadLetterKey> _locked = [];
    private long _next = 1;
    private int _calls;

    /// <summary>What was put back, in order.</summary>
    public List<RedriveCopy> Sent { get; } = [];

    public int Calls => _calls;

    /// <summary>Called before each look.</summary>
    public Action BeforePeek { get; set; } = static () => { };

    /// <summary>Number of the call that fails; 0 for none.</summary>
    public int FailAt { get; set; }

    /// <summary>The call that fails is done first.</summary>
    public bool FailsAfter { get; set; }

    public IEnumerable<DeadLetterMessage> Letters => _letters.Values;

    public void Add(
        EnvelopeId? id,
        string reason,
        ReadOnlyMemory<byte> body,
        DateTimeOffset? expiresAt = null,
        RedriveMarker? marker = null,
        DeadLetterSource? subscription = null,
        ForwardedLabel? label = null)
    {
        var key = new DeadLetterKey(
            subscription ?? DeadLetterSource.OfQueue(id?.Lane ?? Lane.Normal), _next, 1_000_000 + _next++);
        _letters.Add(
            (key.Source.ToString(), key.Number),
            new DeadLetterMessage(
                new DeadLetter(key, reason, "", id, expiresAt, body.Length, Digest.Of(body.Span), marker, label?.Size ?? 0),
                body,
                label,
                null));
    }

    /// <summary>As after a lock's time, or for another process.</summary>
    public void EndLocks() => _locked.Clear();

    public ValueTask<IReadOnlyList<DeadLetterMessage>> PeekAsync(
        DeadLetterSource source, long from, int most, CancellationToken cancellationToken) =>
        Do<IReadOnlyList<DeadLetterMessage>>(() =>
        {
            BeforePeek();
            return [.. Of(source).Where(letter => letter.Letter.Key.Number >= from).Take(Math.Min(most, 7))];
        });

    public async ValueTask SendAsync(
        DeadLetterSource source, IReadOnlyList<RedriveCopy> copies, CancellationToken cancellationToken) =>
        await Do(() =>
        {
            Sent.AddRange(copies);
            return 0;
        });

    public ValueTask<IReadOnlyList<DeadLetterMessage>> TakeAsync(
        DeadLetterSource source, int most, CancellationToken cancellationToken) =>
        Do<IReadOnlyList<DeadLetterMessage>>(() =>
            [.. Of(source).Where(letter => _locked.Add(letter.Letter.Key)).Take(Math.Min(most, 5))]);

    public ValueTask<bool> TryCompleteAsync(DeadLetterMessage taken, CancellationToken cancellationToken) =>
        Do(() =>
        {
            if (!_locked.Remove(taken.Letter.Key)) return false;
            return _letters.Remove((taken.Letter.Key.Source.ToString(), taken.Letter.Key.Number));
        });

    // Not counted: giving back is what is done when all else has failed.
    public ValueTask ReleaseAsync(DeadLetterMessage taken, CancellationToken cancellationToken)
    {
        _locked.Remove(taken.Letter.Key);
        return ValueTask.CompletedTask;
    }

    private IEnumerable<DeadLetterMessage> Of(DeadLetterSource source) =>
        _letters.Values.Where(letter => letter.Letter.Key.Source == source);

    private ValueTask<T> Do<T>(Func<T> act)
    {
        if (++_calls != FailAt) return ValueTask.FromResult(act());
        if (FailsAfter) act();
        return ValueTask.FromException<T>(new IOException("cut"));
    }
}

using System.Collections.Immutable;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>An envelope of a sender that is in the ledger, and what its addressees have said of it.</summary>
public sealed class SentEnvelope
{
    private readonly List<EnvelopeAnswer> _answers = [];

    internal SentEnvelope(EnvelopeId id, long index, DateTimeOffset at, ImmutableArray<string> audience)
    {
        Id = id;
        Index = index;
        At = at;
        Audience = audience;
    }

    /// <summary>The envelope.</summary>
    public EnvelopeId Id { get; }

    /// <summary>Its ledger index.</summary>
    public long Index { get; }

    /// <summary>When it was logged, by the relay's clock.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Whom it is for.</summary>
    public ImmutableArray<string> Audience { get; }

    /// <summary>What was said, at most once by each addressee, in the ledger's order.</summary>
    public IReadOnlyList<EnvelopeAnswer> Answers => _answers;

    /// <summary>Addressees that have said nothing yet.</summary>
    public IEnumerable<string> Silent => Audience.Where(name => !_answers.Exists(answer => answer.Said.Delegation == name));

    internal void Add(EnvelopeAnswer answer) => _answers.Add(answer);
}

/// <summary>An acknowledgement in the ledger, with its delegation's signature verified.</summary>
/// <param name="Index">Its ledger index.</param>
/// <param name="At">When it was logged, by the relay's clock.</param>
/// <param name="Said">What was said.</param>
public sealed record EnvelopeAnswer(long Index, DateTimeOffset At, Acknowledgement Said)
{
    /// <summary>Digest of the document that the entry names; null where the entry was not read.</summary>
    public Digest? Policy { get; init; }
}

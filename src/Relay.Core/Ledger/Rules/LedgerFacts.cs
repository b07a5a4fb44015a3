using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Rules;

/// <summary>
/// What a decision must know of the immutable blobs, read and verified beforehand
/// for exactly its candidates. A missing fact counts as a damaged one, but for acknowledgements.
/// </summary>
public class LedgerFacts
{
    /// <summary>
    /// Logged envelopes at or below <see cref="StreamState.Last"/> whose ids candidates have, and the last of a stream
    /// whose next envelope does not continue it: what contradicts the ledger is logged with what it contradicts. Those that
    /// acknowledgements name, too.
    /// </summary>
    public Dictionary<EnvelopeId, Fact<LoggedEntry>> Logged { get; } = [];

    /// <summary>Root of the ledger's tree at sizes that candidates have seen.</summary>
    public Dictionary<long, Fact<Digest>> Roots { get; } = [];

    /// <summary>Held envelopes that the decision may release or log as contradicted, by SHA-256 of their blob.</summary>
    public Dictionary<Digest, Fact<Candidate>> Held { get; } = [];

    /// <summary>Digests of refused envelopes that have their evidence entry already.</summary>
    public HashSet<Digest> Evidence { get; } = [];

    /// <summary>
    /// Acknowledgements that the ledger has, of those that are asked for; what is not here was never acknowledged.
    /// </summary>
    public Dictionary<AcknowledgementKey, Fact<LoggedAcknowledgement>> Acknowledged { get; } = [];

    /// <summary>Who has which prekeys, of the delegations that candidates name, by SHA-256 of the blob.</summary>
    public Dictionary<Digest, Fact<ClaimPage>> Claims { get; } = [];

    /// <summary>Bundles of prekeys that claims are answered with, by ledger index: the compact JWS.</summary>
    public Dictionary<long, Fact<ReadOnlyMemory<byte>>> Bundles { get; } = [];

    /// <summary>Indices of the entries of bundles and claims that can be shown again.</summary>
    public HashSet<long> Entries { get; } = [];

    /// <summary>
    /// Streams whose newest chunk is damaged, so that nothing can be logged in them; with what was expected and what came.
    /// </summary>
    public Dictionary<StreamId, string> DamagedStreams { get; } = [];
}

/// <summary>A logged envelope.</summary>
/// <param name="Index">Ledger index.</param>
/// <param name="Judged">What its entry says.</param>
public readonly record struct LoggedEntry(long Index, JudgedHead Judged)
{
    /// <summary>Digest of the envelope.</summary>
    public Digest Digest => Judged.Head.Digest;
}

/// <summary>Something that was read and verified, or why it could not be.</summary>
/// <param name="Value">Meaningful only without a problem.</param>
/// <param name="Problem">What was expected and what came; null when the value holds.</param>
public readonly record struct Fact<T>(T Value, string? Problem = null);

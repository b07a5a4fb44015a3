using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>Where an envelope is, by the relay's word. Closed.</summary>
public enum EnvelopePlace
{
    /// <summary>The relay cannot be asked now.</summary>
    Unknown,

    /// <summary>Neither in the ledger nor held: it has not come, waits on its queue, or was refused.</summary>
    Absent,

    /// <summary>Kept until copies with other mediators' signatures have come.</summary>
    Pending,

    /// <summary>Held until those before it in its stream have come.</summary>
    Held,

    /// <summary>In the ledger.</summary>
    Logged,
}

/// <summary>What the relay says of an envelope id; believed no further than a hint, only receipts prove.</summary>
/// <param name="Place">Where it is.</param>
/// <param name="Digest">Digest of the envelope that the ledger has under the id; null unless it is logged and published.</param>
public readonly record struct EnvelopeWhereabouts(EnvelopePlace Place, Digest? Digest)
{
    private readonly IReadOnlyList<EnvelopeAnswer>? _answers;

    /// <summary>While it is pending, how far it is; else null.</summary>
    public MissingSignatures? Waits { get; init; }

    /// <summary>Its ledger index; null unless it is logged and published.</summary>
    public long? Index { get; init; }

    /// <summary>When it was logged, by the relay's clock; null unless it is logged and published.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>
    /// What the relay says was said of it; each proves itself by <see cref="Acknowledgement.Verify(NegotiationDocument, out string)"/>.
    /// </summary>
    public IReadOnlyList<EnvelopeAnswer> Answers
    {
        get => _answers ?? [];
        init => _answers = value.Count == 0 ? null : value;
    }
}

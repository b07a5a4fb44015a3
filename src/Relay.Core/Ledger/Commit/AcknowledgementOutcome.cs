using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Ledger.Commit;

/// <summary>What became of an acknowledgement. Immutable.</summary>
/// <param name="Verdict">What was decided.</param>
/// <param name="Detail">What was expected and what came; empty for one that is an entry.</param>
public sealed record AcknowledgementOutcome(AcknowledgementVerdict Verdict, string Detail)
{
    /// <summary>The receipt (tlog-proof text, UTF-8) when it is an entry; empty otherwise.</summary>
    public ReadOnlyMemory<byte> Receipt { get; init; }

    /// <summary>
    /// The envelope it is about; null while it could not be read, and where the caller must not learn that it could.
    /// </summary>
    public EnvelopeId? Id { get; init; }

    /// <summary>True when it is an entry, by this commit or an earlier one.</summary>
    public bool IsEntry => Verdict is AcknowledgementVerdict.Logged or AcknowledgementVerdict.Repeated;
}

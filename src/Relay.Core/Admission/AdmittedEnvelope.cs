using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;

namespace Relay.Core.Admission;

/// <summary>An envelope that passed read, look up, verify and admit: what the commit to the ledger and the forwarding start from.</summary>
/// <param name="Envelope">The envelope.</param>
/// <param name="Document">The document it was judged by.</param>
/// <param name="Quorum">Which mediators counted.</param>
public sealed record AdmittedEnvelope(Envelope Envelope, NegotiationDocument Document, QuorumResult Quorum);

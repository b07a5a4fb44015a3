using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Client.Tests.Adversary;

/// <summary>What was said, and what the relay makes of it in the ledger.</summary>
internal sealed class Planned(Envelope envelope, Func<EnvelopeEntry, EnvelopeEntry>? change)
{
    public Envelope Envelope { get; } = envelope;

    public Func<EnvelopeEntry, EnvelopeEntry>? Change { get; set; } = change;

    public TimeSpan Back { get; set; }

    public long Index { get; set; }
}

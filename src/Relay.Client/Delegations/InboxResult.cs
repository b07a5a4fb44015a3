using Relay.Protocol.Envelopes;
using Relay.Protocol.Quorum;
using Relay.Protocol.Sealing;

namespace Relay.Client.Delegations;

/// <summary>What <see cref="EnvelopeInspector"/> made of an envelope.</summary>
public sealed record InboxResult
{
    /// <summary><see cref="InboxFault.None"/> when <see cref="Statement"/> is what the sender said.</summary>
    public required InboxFault Fault { get; init; }

    /// <summary>What was expected and what came; empty without a fault.</summary>
    public required string Detail { get; init; }

    /// <summary>The envelope, when it could be read.</summary>
    public Envelope? Envelope { get; init; }

    /// <summary>Who vouched, when signatures were checked.</summary>
    public QuorumResult? Quorum { get; init; }

    /// <summary>Why it did not open, for <see cref="InboxFault.NotOpened"/>.</summary>
    public SealingFault SealingFault { get; init; }

    /// <summary>How it fits its stream, when it opened; <see cref="StreamContinuity.Gap"/> is not a fault.</summary>
    public StreamContinuity? Continuity { get; init; }

    /// <summary>What was said; null with a fault.</summary>
    public Statement? Statement { get; init; }
}

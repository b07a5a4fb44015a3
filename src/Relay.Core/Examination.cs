using System.Diagnostics.CodeAnalysis;
using Relay.Core.Admission;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;

namespace Relay.Core;

/// <summary>Outcome of the steps before anything is promised: an admitted envelope, or the ruling that stopped it.</summary>
public sealed class Examination
{
    internal Examination(AdmittedEnvelope admitted) => Admitted = admitted;

    internal Examination(Ruling ruling) => Ruling = ruling;

    /// <summary>Of what was stopped below quorum: what else there is to know; null for all else.</summary>
    internal BelowQuorum? Below { get; init; }

    /// <summary>True when a quorum was verified, or a signature that counts towards one.</summary>
    public bool IsProved =>
        IsAdmitted
        || Below is not null
        || !(VerdictTable.For(Ruling.Verdict).IsUnproved || Ruling.Verdict is Verdict.Malformed or Verdict.Oversize);

    /// <summary>The envelope; null when stopped.</summary>
    public AdmittedEnvelope? Admitted { get; }

    /// <summary>Why it was stopped; null when admitted.</summary>
    public Ruling? Ruling { get; }

    /// <summary>True when admitted.</summary>
    [MemberNotNullWhen(true, nameof(Admitted))]
    [MemberNotNullWhen(false, nameof(Ruling))]
    public bool IsAdmitted => Admitted is not null;

    /// <summary>An envelope below quorum, some of whose signatures count.</summary>
    internal sealed record BelowQuorum(Envelope Copy, NegotiationDocument Document, QuorumResult Quorum);
}

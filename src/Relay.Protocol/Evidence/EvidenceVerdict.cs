namespace Relay.Protocol.Evidence;

/// <summary>What came of judging a file of evidence.</summary>
/// <param name="Fault">Why it does not prove what it says; <see cref="EvidenceFault.None"/> when it does.</param>
/// <param name="Detail">What it proves in a sentence, or what was expected and what came.</param>
public sealed record EvidenceVerdict(EvidenceFault Fault, string Detail)
{
    /// <summary>The verdict.</summary>
    public EvidenceStanding Standing => Fault switch
    {
        EvidenceFault.None => EvidenceStanding.Proved,
        EvidenceFault.UnknownRelayKey or EvidenceFault.UnknownEntryKind or EvidenceFault.NoDocument or EvidenceFault.UnreadableDocument
            or EvidenceFault.UnknownMediatorKey or EvidenceFault.UnknownRecipientKey => EvidenceStanding.NotJudged,
        EvidenceFault.Malformed or EvidenceFault.BadCertificate or EvidenceFault.CertificateForOtherOrigin
            or EvidenceFault.CheckpointNotSigned or EvidenceFault.BadCheckpointSignature or EvidenceFault.NotIncluded
            or EvidenceFault.NotConsistent or EvidenceFault.OtherContent or EvidenceFault.BadWrapProof
            or EvidenceFault.ShowsNothing => EvidenceStanding.NotProved,
    };
}

namespace Relay.Protocol.Evidence;

/// <summary>What a judge makes of a file of evidence. Closed.</summary>
public enum EvidenceStanding
{
    /// <summary>The relay lied as the file says.</summary>
    Proved,

    /// <summary>The file proves nothing, and nobody need ask further.</summary>
    NotProved,

    /// <summary>Something is missing that the judge would need: a key, a document, a newer version of the judge.</summary>
    NotJudged,
}

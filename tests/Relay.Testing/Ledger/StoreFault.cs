namespace Relay.Testing.Ledger;

/// <summary>What happens to one call of a <see cref="FaultyLedgerStore"/>.</summary>
public enum StoreFault
{
    /// <summary>Nothing: it is done and answered.</summary>
    None,

    /// <summary>It fails and nothing is done.</summary>
    Refused,

    /// <summary>It is done, and reported failed.</summary>
    DoneButFailed,

    /// <summary>It fails halfway: a created blob is there, cut and known as damaged; a replacement, which is atomic, or anything else is not done.</summary>
    Torn,

    /// <summary>It answers nothing until its token is cancelled, and is done only when the test says so, however long after: see <see cref="FaultyLedgerStore.LandAsync"/>.</summary>
    Late,
}

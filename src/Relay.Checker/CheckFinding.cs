namespace Relay.Checker;

/// <summary>One thing that is wrong with a ledger.</summary>
/// <param name="Rule">What it is about.</param>
/// <param name="Blob">Name of the blob at fault.</param>
/// <param name="Problem">What was expected and what came.</param>
/// <param name="FirstEntry">First entry that the damage reaches; -1 when it reaches none.</param>
/// <param name="LastEntry">Last entry that it reaches.</param>
public sealed record CheckFinding(CheckRule Rule, string Blob, string Problem, long FirstEntry = -1, long LastEntry = -1)
{
    /// <summary>
    /// True when entries themselves are lost, changed or were never as signed; not when only their proofs or their index are.
    /// </summary>
    public bool HitsEntries => FirstEntry >= 0 && Rule is CheckRule.Entries or CheckRule.Entry or CheckRule.Order
        or CheckRule.Quorum or CheckRule.Root;

    /// <inheritdoc/>
    public override string ToString() =>
        FirstEntry < 0 ? $"{Rule}: {Blob}: {Problem}" : $"{Rule}: {Blob}: {Problem} (entries {FirstEntry} to {LastEntry})";
}

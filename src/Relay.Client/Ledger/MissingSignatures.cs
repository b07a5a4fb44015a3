namespace Relay.Client.Ledger;

/// <summary>What the relay says an envelope lacks that waits for more signatures.</summary>
/// <param name="Weight">Of the signatures that count so far.</param>
/// <param name="Required">What it needs.</param>
/// <param name="Mediators">Names of mediators that have not signed.</param>
/// <param name="Until">From when it is waited for no longer.</param>
public sealed record MissingSignatures(int Weight, int Required, IReadOnlyList<string> Mediators, DateTimeOffset Until);

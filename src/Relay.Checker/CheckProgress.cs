namespace Relay.Checker;

/// <summary>How far a check has come.</summary>
/// <param name="Negotiation">The ledger being checked.</param>
/// <param name="Entries">Entries checked in it.</param>
/// <param name="Size">Entries in it.</param>
public readonly record struct CheckProgress(string Negotiation, long Entries, long Size);

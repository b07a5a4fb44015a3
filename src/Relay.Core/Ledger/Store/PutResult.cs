namespace Relay.Core.Ledger.Store;

/// <summary>How a conditional put ended.</summary>
/// <param name="Stored">False: the condition did not hold and this call changed nothing.</param>
/// <param name="ETag">Of the content stored; null when none was.</param>
public readonly record struct PutResult(bool Stored, string? ETag);

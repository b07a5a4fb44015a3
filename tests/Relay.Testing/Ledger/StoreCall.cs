namespace Relay.Testing.Ledger;

/// <summary>One call to a store, as shown to whoever chooses its fault.</summary>
/// <param name="Number">Counts calls from 1.</param>
/// <param name="Kind">Which method.</param>
/// <param name="Name">Blob name or prefix.</param>
public readonly record struct StoreCall(long Number, StoreCallKind Kind, string Name);

/// <summary>The methods of a store.</summary>
public enum StoreCallKind
{
    Get,
    PutIfAbsent,
    PutIfMatch,
    List,
    Delete,
}

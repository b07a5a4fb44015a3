namespace Relay.Checker;

/// <summary>
/// Port: the store that is checked, as far as a reader needs it. What its implementations throw goes through to the caller.
/// </summary>
public interface ICheckedStore
{
    /// <summary>Reads a blob whole, as it was at one moment.</summary>
    /// <returns>Null when there is none.</returns>
    ValueTask<CheckedBlob?> ReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Names that begin with <paramref name="prefix"/>, all for an empty one, in any order.</summary>
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken);
}

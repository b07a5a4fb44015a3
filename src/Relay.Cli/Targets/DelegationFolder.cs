using Relay.Client.Delegations;
using Relay.Client.Storage;

namespace Relay.Cli.Targets;

/// <summary>A delegation's part of the state folder: what it has sealed and received.</summary>
internal static class DelegationFolder
{
    /// <summary>Its store.</summary>
    public static FolderDelegationStore Open(string stateFolder, string delegation, TimeProvider time) =>
        new(Path.Combine(stateFolder, "delegations", delegation), time);

    /// <summary>What it has seen of a ledger.</summary>
    /// <exception cref="CliFault">It cannot be read, or is of another relay.</exception>
    public static async Task<InboxState> ReadSeenAsync(
        this FolderDelegationStore store, string negotiation, string origin, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ReadInboxAsync(negotiation, origin, cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new CliFault(
                exception.Message, "Is that the relay's name? Another is named with --relay-name.", exception);
        }
    }
}

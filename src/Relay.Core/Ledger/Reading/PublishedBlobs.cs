using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Merkle;

namespace Relay.Core.Ledger.Reading;

/// <summary>
/// Finds a ledger's blobs, those staged behind a head before those in the store, of partial ones the version that is there.
/// Verifies nothing.
/// </summary>
/// <param name="store">The store; each call of it ends in time.</param>
/// <param name="negotiation">Whose ledger.</param>
/// <param name="staged">What a head has staged; null for what is published alone.</param>
internal sealed class PublishedBlobs(ILedgerStore store, string negotiation, StagedCommit? staged = null)
{
    // A partial that is superseded while it is looked for is found under its new name the next time.
    private const int MaxTries = 4;

    /// <summary>The blob of a name.</summary>
    public async ValueTask<LedgerRead<VerifiedBytes>> GetAsync(string name, CancellationToken cancellationToken) =>
        staged?.Find(name) is { } put && await GrowAsync(put, cancellationToken).ConfigureAwait(false) is { } grown
            ? grown
            : await GetStoredAsync(name, cancellationToken).ConfigureAwait(false);

    private async ValueTask<LedgerRead<VerifiedBytes>> GetStoredAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var blob = await store.GetAsync(name, cancellationToken).ConfigureAwait(false);
            if (blob is null) return new LedgerReadFailure(LedgerReadStatus.Absent, $"expected {name}, there is none");
            return blob.Intact
                ? new VerifiedBytes(blob.Content)
                : new LedgerReadFailure(LedgerReadStatus.Damaged, $"expected {name} whole, the store holds it torn");
        }
        catch (LedgerStoreException)
        {
            return new LedgerReadFailure(LedgerReadStatus.Unavailable, $"expected {name} from the store, it cannot be read now");
        }
    }

    /// <summary>A tile or bundle of at least the width asked for, with the width it has.</summary>
    public ValueTask<(LedgerRead<VerifiedBytes> Read, int Width)> TileAsync(TileId tile, CancellationToken cancellationToken) =>
        FindAsync($"{negotiation}/{(tile with { Width = TileId.FullWidth }).Path}", tile.Width, cancellationToken);

    /// <summary>A stream's chunk that reaches to <paramref name="sequence"/>, with the number of its indices.</summary>
    public ValueTask<(LedgerRead<VerifiedBytes> Read, int Width)> ChunkAsync(
        StreamId stream, long sequence, CancellationToken cancellationToken)
    {
        var chunk = LedgerPaths.ChunkOf(sequence);
        return FindAsync(
            LedgerPaths.Chunk(stream, chunk, LedgerPaths.ChunkWidth), (int)(sequence - chunk * LedgerPaths.ChunkWidth), cancellationToken);
    }

    // Full blobs and partial ones share the name up to '.p/{width}', and any that is wide enough begins with what is wanted.
    private async ValueTask<(LedgerRead<VerifiedBytes> Read, int Width)> FindAsync(
        string fullName, int width, CancellationToken cancellationToken)
    {
        if (staged?.FindPlace(fullName) is { } put
            && (put.Name == fullName ? TileId.FullWidth : WidthOf(put.Name.AsSpan(fullName.Length))) is var staying
            && staying >= width
            && await GrowAsync(put, cancellationToken).ConfigureAwait(false) is { } grown)
        {
            return (grown, staying);
        }

        for (var tries = 0; tries < MaxTries; tries++)
        {
            var guess = width == TileId.FullWidth || tries % 2 == 1 ? fullName : FormattableString.Invariant($"{fullName}.p/{width}");
            var read = await GetStoredAsync(guess, cancellationToken).ConfigureAwait(false);
            if (read.Status != LedgerReadStatus.Absent) return (read, guess == fullName ? TileId.FullWidth : width);
            var (there, failure) = await NarrowestAsync(fullName, width, cancellationToken).ConfigureAwait(false);
            if (failure is { } failed) return (failed, 0);
            if (there == 0) return (read, 0);
            read = await GetStoredAsync(
                there == TileId.FullWidth ? fullName : FormattableString.Invariant($"{fullName}.p/{there}"),
                cancellationToken).ConfigureAwait(false);
            if (read.Status != LedgerReadStatus.Absent) return (read, there);
        }

        return (new LedgerReadFailure(LedgerReadStatus.Unavailable, $"expected {fullName} or a part of it to stay while it is read"), 0);
    }

    // Null when what it grew from is superseded: then a later head stands on the whole of it, and that is published.
    private async ValueTask<LedgerRead<VerifiedBytes>?> GrowAsync(StagedBlob put, CancellationToken cancellationToken)
    {
        if (put.After is not { } after) return new VerifiedBytes(put.Content);
        var start = await GetStoredAsync(after.Name, cancellationToken).ConfigureAwait(false);
        if (start.Status == LedgerReadStatus.Absent) return null;
        if (!start.IsFound) return start;
        return put.TryGrow(start.Value.Content, out var content)
            ? new VerifiedBytes(content)
            : new LedgerReadFailure(LedgerReadStatus.Damaged, $"expected {after.Name} as {put.Name} grew from it, got other bytes");
    }

    private async ValueTask<(int Width, LedgerReadFailure? Failure)> NarrowestAsync(
        string fullName, int width, CancellationToken cancellationToken)
    {
        var narrowest = 0;
        try
        {
            await foreach (var name in store.ListAsync(fullName, cancellationToken).ConfigureAwait(false))
            {
                var there = name == fullName ? TileId.FullWidth : WidthOf(name.AsSpan(fullName.Length));
                if (there >= width && (narrowest == 0 || there < narrowest)) narrowest = there;
            }

            return (narrowest, null);
        }
        catch (LedgerStoreException)
        {
            return (
                0,
                new LedgerReadFailure(
                    LedgerReadStatus.Unavailable, $"expected the names below {fullName} from the store, they cannot be read now"));
        }
    }

    private static int WidthOf(ReadOnlySpan<char> suffix) =>
        suffix.StartsWith(".p/")
            && int.TryParse(
                suffix[3..], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var width)
        && width is > 0 and < TileId.FullWidth ? width : 0;
}

using Relay.Core.Ledger.State;
using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Forging;
using Relay.LyingRelay.Serving;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.LyingRelay.Lies;

/// <summary>One telling of one lie: the relay as it is now, and what it has forwarded. The owner disposes it.</summary>
internal sealed class Telling(Company company, Lie lie) : IDisposable
{
    private readonly List<Forge> _forges = [];

    public Company Company => company;

    public Lie Lie => lie;

    /// <summary>What the relay keeps.</summary>
    public MemoryLedgerStore Store { get; set; } = new();

    /// <summary>What it shows to some instead.</summary>
    public Dictionary<string, MemoryLedgerStore> ShownTo { get; } = [];

    /// <summary>Its ledger as entries are written by it that no rule lets through; null while the real pipeline writes alone.</summary>
    public Forge? Ledger { get; set; }

    /// <summary>A second ledger that it keeps for a fork.</summary>
    public Forge? Fork { get; set; }

    /// <summary>True once it has put an envelope of its own in the place of one that came.</summary>
    public bool IsSwapped { get; set; }

    /// <summary>Bytes that a lie wants found again: documents by digest, envelopes by digest.</summary>
    public Dictionary<Digest, ReadOnlyMemory<byte>> Known { get; } = [];

    public MemoryLedgerStore StoreFor(string party) => ShownTo.GetValueOrDefault(party) ?? Store;

    /// <summary>Entries of the relay's store.</summary>
    public List<byte[]> Entries() => Entries(Store);

    public static List<byte[]> Entries(MemoryLedgerStore store)
    {
        // One that is superseded may be there until it is deleted.
        var width = (int)HeadOf(store).State.Size;
        var name = LedgerPaths.Tile(Company.Negotiation, new TileId(TileId.EntriesLevel, 0, width));
        if (!EntryBundle.TryRead(store.Find(name)!.Content, width, out var entries, out var error))
        {
            throw new InvalidOperationException(error);
        }
        return [.. entries.Select(entry => entry.ToArray())];
    }

    public static LedgerHead HeadOf(MemoryLedgerStore store) =>
        HeadCodec.TryRead(store.Find(LedgerPaths.Head(Company.Negotiation))!.Content, out var head, out _, out var error)
            ? head
            : throw new InvalidOperationException(error);

    public Envelope Said(string name) => company.Said.Single(envelope => envelope.Id.ToString() == $"{Company.Negotiation}/{name}");

    /// <summary>A ledger of its own with these entries.</summary>
    public async Task<Forge> ForgeAsync(IEnumerable<byte[]> entries, string? origin = null, DateTimeOffset? from = null)
    {
        var at = from ?? Company.Epoch + lie.KeyBegins;
        var forge = await Forge.CreateAsync(origin ?? Company.Origin, company.Certifier, at, DocumentOf, WireOf);
        _forges.Add(forge);
        await forge.AppendAsync(entries);
        return forge;
    }

    /// <summary>The relay's ledger is another from now on, signed by a key that begins then.</summary>
    public async Task RewriteAsync(IEnumerable<byte[]> entries, DateTimeOffset? from = null)
    {
        Ledger = await ForgeAsync(entries, from: from);
        Store = Ledger.Store;
    }

    public void Dispose() => _forges.ForEach(forge => forge.Dispose());

    private ReadOnlyMemory<byte>? DocumentOf(Digest digest) =>
        digest == company.Document.PolicyDigest ? company.Document.Bytes
            : Known.TryGetValue(digest, out var bytes) ? bytes : (ReadOnlyMemory<byte>?)null;

    private ReadOnlyMemory<byte>? WireOf(Digest digest) =>
        company.Said.FirstOrDefault(envelope => envelope.Digest == digest)?.Wire
            ?? (Known.TryGetValue(digest, out var bytes) ? bytes : (ReadOnlyMemory<byte>?)null);
}

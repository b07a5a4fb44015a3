using Relay.Client.Prekeys;

namespace Relay.Client.Tests.Prekeys;

/// <summary>What stands in the folder of a key store and is no secret: others' newest bundles, and what is there at all.</summary>
public sealed class PeerBundlesTests : IDisposable
{
    private readonly PrekeyParties _parties = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _parties.Dispose();

    [Fact]
    public async Task SaveAsync_OfAnOlderOne_KeepsTheNewer()
    {
        var publisher = _parties.Publisher();
        await publisher.MaintainAsync(Cancel);
        var older = new PeerBundle(_parties.Relay.BundleOf("iran"), 1);
        _parties.Advance(TimeSpan.FromHours(24));
        await publisher.MaintainAsync(Cancel);
        var newer = new PeerBundle(_parties.Relay.BundleOf("iran"), 9);
        // As two processes of one delegation have it.
        var one = new PeerBundles(_parties.FolderOf("us"), "doha-2026");
        var other = new PeerBundles(_parties.FolderOf("us"), "doha-2026");
        Assert.Null(one.Find("iran"));
        await one.SaveAsync(newer, TimeProvider.System, Cancel);
        await other.SaveAsync(older, TimeProvider.System, Cancel);
        Assert.Equal((2, 9), (one.Find("iran")!.Bundle.Number, one.Find("iran")!.Index));
        Assert.Equal(newer.Bundle.Digest, _parties.Us.Peers.Find("iran")!.Bundle.Digest);
    }

    [Fact]
    public async Task Find_OfAFileThatIsAnothers_Throws()
    {
        await _parties.Publisher().MaintainAsync(Cancel);
        var peers = _parties.Us.Peers;
        await peers.SaveAsync(new PeerBundle(_parties.Relay.BundleOf("iran"), 1), TimeProvider.System, Cancel);
        File.Move(Path.Combine(_parties.FolderOf("us"), "peer-iran.txt"), Path.Combine(_parties.FolderOf("us"), "peer-qatar.txt"));
        Assert.Null(peers.Find("iran"));
        Assert.Contains("qatar", Assert.Throws<PrekeyStoreException>(() => peers.Find("qatar")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => peers.Find("../iran"));
        Assert.Throws<PrekeyStoreException>(() => new PeerBundles(_parties.FolderOf("us"), "oslo-2026").Find("qatar"));
    }

    [Fact]
    public async Task Inventory_WhileTheStoreIsOpen_ShowsTheNewestBundleAndWhatIsLeftOfItsKeys()
    {
        var folder = _parties.FolderOf("iran");
        Assert.Null(PrekeyInventory.Read(folder, "doha-2026", "iran").Newest);
        Assert.Null(PrekeyInventory.Read(Path.Combine(folder, "nowhere"), "doha-2026", "iran").Newest);
        await _parties.Publisher().MaintainAsync(Cancel);
        _parties.Iran.DeleteUsed(["iran#once-2"]);
        var here = PrekeyInventory.Read(folder, "doha-2026", "iran");
        Assert.Equal((_parties.Relay.BundleOf("iran").Digest, 4, true), (here.Newest!.Digest, here.OneTimeKeys, here.HasSessionKey));
        File.Delete(Path.Combine(folder, "key-iran.session-1.jwe"));
        Assert.False(PrekeyInventory.Read(folder, "doha-2026", "iran").HasSessionKey);
        Assert.Throws<PrekeyStoreException>(() => PrekeyInventory.Read(folder, "doha-2026", "us"));
        await File.WriteAllTextAsync(Path.Combine(folder, "bundle-2.jws"), "no bundle", Cancel);
        Assert.Contains(
            "bundle-2.jws",
            Assert.Throws<PrekeyStoreException>(() => PrekeyInventory.Read(folder, "doha-2026", "iran")).Message,
            StringComparison.Ordinal);
    }
}

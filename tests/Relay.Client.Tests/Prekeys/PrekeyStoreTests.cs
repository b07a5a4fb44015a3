using Relay.Client.Prekeys;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.Client.Tests.Prekeys;

public sealed class PrekeyStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Key = [.. Enumerable.Range(7, StoreSecret.KeySize).Select(i => (byte)i)];

    private readonly Samples _samples = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("relay-prekeys-");

    public void Dispose()
    {
        _samples.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Open_WithAPassphrase_HasTheKeysAgainAndWithAnotherNone()
    {
        string keyId;
        using (var store = OpenWith("correct horse"))
        {
            var bundle = await MakeAsync(store, 3);
            store.MarkPublished(bundle.Number);
            keyId = bundle.OneTime[1].KeyId!;
            using var key = store.Find(keyId);
            Assert.Equal(bundle.OneTime[1].Thumbprint(), key!.Public.Thumbprint());
        }

        Assert.Throws<PrekeyStoreException>(() => OpenWith("Correct horse"));
        Assert.Throws<PrekeyStoreException>(() => Open(Key));
        using (var store = OpenWith("correct horse"))
        {
            using var key = store.Find(keyId);
            Assert.Equal((keyId, 1L), (key!.KeyId, store.Newest!.Number));
        }

        var root = File.ReadAllText(PathOf("store.jwe"));
        var header = System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(root.Split('.')[0]));
        Assert.Contains("\"p2c\":600000", header, StringComparison.Ordinal);
        // Fewer rounds than may be are no way in.
        var weaker = System.Buffers.Text.Base64Url.EncodeToString(
            System.Text.Encoding.UTF8.GetBytes(header.Replace("600000", "1", StringComparison.Ordinal)));
        File.WriteAllText(PathOf("store.jwe"), weaker + root[root.IndexOf('.', StringComparison.Ordinal)..]);
        Assert.Throws<PrekeyStoreException>(() => OpenWith("correct horse"));
    }

    [Fact]
    public async Task Find_OfWhatIsNotTheStores_IsNull()
    {
        using var store = Open(Key);
        await MakeAsync(store, 1);
        foreach (var name in new[]
        {
            "iran#once-2", "us#once-1", "iran#1", "iran#enc-1", "iran#once-", "iran#once-1x", "iran#once-../../state",
            "iran#once-11111111111111111",
        })
        {
            Assert.Null(store.Find(name));
        }

        store.DeleteUsed(["iran#once-../../state", "us#once-1", "iran#session-1"]);
        using var key = store.Find("iran#session-1");
        Assert.NotNull(key);
    }

    [Fact]
    public async Task DeleteUsed_OfAOneTimeKey_RemovesItsFileForGood()
    {
        using var store = Open(Key);
        await MakeAsync(store, 2);
        Assert.True(File.Exists(PathOf("key-iran.once-1.jwe")));
        store.DeleteUsed(["iran#once-1"]);
        store.DeleteUsed(["iran#once-1"]);
        Assert.False(File.Exists(PathOf("key-iran.once-1.jwe")));
        Assert.Null(store.Find("iran#once-1"));
        using var other = store.Find("iran#once-2");
        Assert.NotNull(other);
    }

    [Fact]
    public async Task Prepare_AfterACrashAtAnyStep_NeverUsesANumberOrAnIdAgain()
    {
        // Before it was signed: its keys are gone, its number and ids are not used again.
        using (var store = Open(Key)) store.Prepare(JwkKind.P256, 3, Now, TimeSpan.FromDays(2));
        using (var store = Open(Key))
        {
            Assert.Null(store.FindPending());
            Assert.Null(store.Find("iran#once-1"));
            var bundle = await MakeAsync(store, 3);
            Assert.Equal((2L, 4L), (bundle.Number, bundle.First));
        }

        // Signed, and nobody knows whether the relay has it: the very same is there to be sent again.
        using (var store = Open(Key))
        {
            var pending = store.FindPending();
            Assert.Equal((2L, 4L), (pending!.Number, pending.First));
            store.MarkPublished(2);
            Assert.Null(store.FindPending());
            Assert.Equal(pending.Digest, store.FindOwn(2)!.Digest);
            Assert.Equal((3L, 7L), ((await MakeAsync(store, 0)).Number, (await MakeAsync(store, 1)).First));
        }
    }

    [Fact]
    public async Task DeleteOver_AfterTheLongestEnvelope_RemovesWhatIsLeftOfABundle()
    {
        using var store = Open(Key);
        store.MarkPublished((await MakeAsync(store, 2)).Number);
        Assert.Equal(Now.AddDays(32), store.FindReusable("iran#session-1"));
        Assert.Null(store.FindReusable("iran#once-1"));
        store.DeleteOver(Now.AddDays(32));
        using (var key = store.Find("iran#once-2")) Assert.NotNull(key);
        store.DeleteOver(Now.AddDays(32).AddMinutes(3));
        Assert.Null(store.Find("iran#once-2"));
        Assert.Null(store.Find("iran#session-1"));
        Assert.Equal(["lock", "state.jwe", "store.jwe"], Directory.EnumerateFiles(_folder.FullName).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Open_OfAFolderThatIsOpenOrSpoilt_SaysSo()
    {
        using (var store = Open(Key))
        {
            await MakeAsync(store, 1);
            Assert.Throws<PrekeyStoreException>(() => Open(Key));
        }

        // One file in place of another, one bit, none.
        File.Copy(PathOf("key-iran.once-1.jwe"), PathOf("key-iran.session-1.jwe"), overwrite: true);
        using (var store = Open(Key)) Assert.Throws<PrekeyStoreException>(() => store.Find("iran#session-1"));
        var state = File.ReadAllBytes(PathOf("state.jwe"));
        state[^3] ^= 1;
        File.WriteAllBytes(PathOf("state.jwe"), state);
        Assert.Throws<PrekeyStoreException>(() => Open(Key));
        File.Delete(PathOf("store.jwe"));
        Assert.Throws<PrekeyStoreException>(() => Open(Key));
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private PrekeyStore OpenWith(string passphrase)
    {
        using var secret = StoreSecret.FromPassphrase(passphrase);
        return PrekeyStore.Open(_folder.FullName, "doha-2026", "iran", secret);
    }

    private PrekeyStore Open(byte[] key)
    {
        using var secret = StoreSecret.FromKey(key);
        return PrekeyStore.Open(_folder.FullName, "doha-2026", "iran", secret);
    }

    private async Task<PrekeyBundle> MakeAsync(PrekeyStore store, int count)
    {
        using var identity = new LocalSigner(_samples["iran#1"]);
        var draft = store.Prepare(JwkKind.P256, count, Now, TimeSpan.FromDays(2));
        var bundle = await PrekeyBundle.SignAsync(draft, identity, TestContext.Current.CancellationToken);
        store.SavePending(bundle);
        return bundle;
    }
}

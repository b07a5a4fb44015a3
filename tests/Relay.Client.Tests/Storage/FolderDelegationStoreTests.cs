using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Client.Storage;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.Client.Tests.Storage;

public sealed class FolderDelegationStoreTests : IDisposable
{
    private const string Origin = "relay.example/doha-2026";
    private static readonly StreamId Stream = new("doha-2026", "us", Lane.Normal);

    private readonly Samples _samples = new();
    private readonly TemporaryFolder _folder = new();
    private readonly FolderDelegationStore _store;

    public FolderDelegationStoreTests() => _store = new FolderDelegationStore(_folder.Path, TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public async Task AdvanceAsync_ThenRead_GivesPositionAndWhatWasSealed()
    {
        Assert.Equal(StreamPosition.Start, await _store.ReadPositionAsync(Stream, Cancel));
        var made = await SealAsync("one", StreamPosition.Start);
        await _store.AdvanceAsync(made, Cancel);
        var again = new FolderDelegationStore(_folder.Path, TimeProvider.System);
        Assert.Equal(StreamPosition.After(made.Head), await again.ReadPositionAsync(Stream, Cancel));
        var kept = await again.FindSealedAsync(made.Id, Cancel);
        Assert.Equal(made.Digest, kept!.Digest);
        Assert.True(kept.Content.Span.SequenceEqual(made.Content.Span));
        Assert.Null(await again.FindSealedAsync(made.Id with { Sequence = 2 }, Cancel));
    }

    [Fact]
    public async Task KeepAsync_SignedEnvelope_IsStillFoundAsSealed()
    {
        var made = await SealAsync("one", StreamPosition.Start);
        await _store.AdvanceAsync(made, Cancel);
        await _store.KeepAsync(await _samples.SignAsync(made), Cancel);
        Assert.Equal(made.Digest, (await _store.FindSealedAsync(made.Id, Cancel))!.Digest);
    }

    [Fact]
    public async Task FindSealedAsync_CopyWithoutItsPosition_NeverLeftAndIsReplaced()
    {
        // What a crash between copy and position leaves.
        var lost = await SealAsync("lost", StreamPosition.Start);
        await _store.AdvanceAsync(lost, Cancel);
        File.Delete(Path.Combine(_folder.Path, "streams", "doha-2026-normal.json"));
        Assert.Equal(StreamPosition.Start, await _store.ReadPositionAsync(Stream, Cancel));
        var made = await SealAsync("made", StreamPosition.Start);
        await _store.AdvanceAsync(made, Cancel);
        Assert.Equal(made.Digest, (await _store.FindSealedAsync(made.Id, Cancel))!.Digest);
    }

    [Theory]
    [InlineData("streams/doha-2026-normal.json")]
    [InlineData("streams/doha-2026-normal/1.json")]
    [InlineData("inbox/doha-2026.json")]
    [InlineData("inbox/doha-2026.arrived")]
    public async Task Read_FileIsSomethingElse_ThrowsAndNamesIt(string file)
    {
        await FillAsync();
        var path = Path.Combine(_folder.Path, file);
        await File.WriteAllTextAsync(path, "{}\nnothing of ours\n", Cancel);
        var thrown = await Assert.ThrowsAsync<InvalidDataException>(ReadAllAsync);
        Assert.Contains(path, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadPositionAsync_EarlierOnesHaveToBeMadeAgain_Throws()
    {
        await FillAsync();
        var path = Path.Combine(_folder.Path, "streams", "doha-2026-normal.json");
        var text = await File.ReadAllTextAsync(path, Cancel);
        await File.WriteAllTextAsync(path, text.Replace("\"Made\":1", "\"Made\":3", StringComparison.Ordinal), Cancel);
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(async () => await _store.ReadPositionAsync(Stream, Cancel));
        Assert.Contains("2 to 3 of doha-2026/us/normal", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadArrivalsAsync_LastLineCut_IsLeftOut()
    {
        await FillAsync();
        var path = Path.Combine(_folder.Path, "inbox", "doha-2026.arrived");
        var whole = await _store.ReadArrivalsAsync("doha-2026", Cancel);
        await File.AppendAllTextAsync(path, "\n1 doha-20", Cancel);
        Assert.Equal(whole, await _store.ReadArrivalsAsync("doha-2026", Cancel));
        Assert.Single(whole);
    }

    [Fact]
    public async Task ReadArrivalsAsync_ALineCutAndAnotherAfterIt_LeavesTheCutOneOut()
    {
        await FillAsync();
        var path = Path.Combine(_folder.Path, "inbox", "doha-2026.arrived");
        await File.AppendAllTextAsync(path, "\n1 doha-20", Cancel);
        await FillAsync();
        Assert.Equal(2, (await _store.ReadArrivalsAsync("doha-2026", Cancel)).Count);
        // One that was whole and is not now is damage.
        await File.AppendAllTextAsync(path, "\n1 doha-20\n", Cancel);
        await FillAsync();
        await Assert.ThrowsAsync<InvalidDataException>(async () => await _store.ReadArrivalsAsync("doha-2026", Cancel));
    }

    [Fact]
    public async Task LockInboxAsync_TakenByAnother_Throws()
    {
        var other = new FolderDelegationStore(_folder.Path, TimeProvider.System);
        using (await other.LockInboxAsync("doha-2026", Cancel))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await _store.LockInboxAsync("doha-2026", Cancel));
        }
        (await _store.LockInboxAsync("doha-2026", Cancel)).Dispose();
    }

    [Fact]
    public async Task LockInboxAsync_NameWithAPathInIt_Throws() =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await _store.LockInboxAsync("../us", Cancel));

    [Fact]
    public async Task Files_OnUnix_AreTheirOwnersAlone()
    {
        // Windows has no such permissions.
        if (OperatingSystem.IsWindows()) return;
        await FillAsync();
        foreach (var file in Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    private async Task FillAsync()
    {
        var made = await SealAsync("one", StreamPosition.Start);
        await _store.AdvanceAsync(made, Cancel);
        var arrival = new ArrivalRecord(4, made.Id, made.Digest, null, null);
        await _store.SaveInboxAsync("doha-2026", InboxState.Create(Origin), arrival, Cancel);
    }

    private async Task ReadAllAsync()
    {
        await _store.ReadPositionAsync(Stream, Cancel);
        await _store.FindSealedAsync(new EnvelopeId("doha-2026", "us", Lane.Normal, 1), Cancel);
        await _store.ReadInboxAsync("doha-2026", Origin, Cancel);
        await _store.ReadArrivalsAsync("doha-2026", Cancel);
    }

    private Task<SealedEnvelope> SealAsync(string text, StreamPosition position) =>
        _samples.Sealer().SealAsync(Samples.Say(text), position, Cancel);
}

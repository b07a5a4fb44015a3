using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Core.Directory;
using Relay.Testing;

namespace Relay.Core.Tests.Directory;

public sealed class NegotiationDirectoryTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeDirectorySource _source = new() { Answer = (_, _) => FakeDirectorySource.Found(TestNegotiation.Document()) };
    private readonly DirectoryOptions _options = new();
    private readonly NegotiationDirectory _directory;

    public NegotiationDirectoryTests() =>
        _directory = new NegotiationDirectory(_source, Options.Create(_options), _time, NullLogger<NegotiationDirectory>.Instance);

    public ValueTask DisposeAsync() => _directory.DisposeAsync();

    [Fact]
    public async Task FindAsync_YoungDocument_IsNotReadAgain()
    {
        Assert.NotNull((await FindAsync())?.Document);
        _time.Advance(_options.RefreshAfter - TimeSpan.FromTicks(1));
        Assert.NotNull((await FindAsync())?.Document);
        Assert.Equal(1, _source.Reads);
    }

    [Fact]
    public async Task FindAsync_MoreNegotiationsInDateThanAreKept_EachIsFound()
    {
        const int Negotiations = 10_000;
        string Name(int i) => $"negotiation-{i}";
        _source.Answer = (name, _) => name.StartsWith("made-up", StringComparison.Ordinal)
            ? new(DirectoryReadStatus.NotFound, default, null)
            : FakeDirectorySource.Found(TestNegotiation.Document(negotiation: name));
        _source.Listed = Enumerable.Range(0, Negotiations).Select(Name).ToHashSet();
        for (var i = 0; i < Negotiations; i++)
        {
            // Made-up names, which strangers have looked for in between, make room first and push out none of these.
            await _directory.FindAsync($"made-up-{i}", DirectoryShare.Anonymous, TestContext.Current.CancellationToken);
            var entry = await _directory.FindAsync(Name(i), DirectoryShare.Queue, TestContext.Current.CancellationToken);
            Assert.Equal(Name(i), entry?.Document?.Negotiation);
        }
    }

    [Fact]
    public async Task FindAsync_DirectoryDown_ServesNoDocumentOlderThanItsBound()
    {
        await FindAsync();
        _source.Answer = (_, _) => new(DirectoryReadStatus.Unavailable, default, null);
        _time.Advance(_options.MaxAge - TimeSpan.FromTicks(1));
        Assert.NotNull((await FindAsync())?.Document);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await FindAsync());
    }

    [Fact]
    public async Task FindAsync_Unchanged_RenewsTheHeldDocument()
    {
        var first = await FindAsync();
        _source.Answer = (_, known) => new(known == "1" ? DirectoryReadStatus.Unchanged : DirectoryReadStatus.NotFound, default, known);
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(_options.RefreshAfter);
            Assert.Same(first?.Document, (await FindAsync())?.Document);
        }
    }

    [Fact]
    public async Task FindAsync_DocumentChanged_IsSeenAfterOneRefresh()
    {
        await FindAsync();
        _source.Answer = (_, _) => FakeDirectorySource.Found(TestNegotiation.Document("closed"), "2");
        _time.Advance(_options.RefreshAfter);
        await FindAsync();
        Assert.Equal(Protocol.Negotiations.NegotiationMode.Closed, (await FindAsync())?.Document?.Mode);
    }

    [Fact]
    public async Task FindAsync_UnknownNegotiation_IsRememberedBriefly()
    {
        _source.Answer = (_, _) => new(DirectoryReadStatus.NotFound, default, null);
        Assert.Same(NegotiationEntry.Unknown, await FindAsync());
        Assert.Same(NegotiationEntry.Unknown, await FindAsync());
        Assert.Equal(1, _source.Reads);
        _source.Answer = (_, _) => FakeDirectorySource.Found(TestNegotiation.Document());
        _time.Advance(_options.UnknownAge);
        Assert.NotNull((await FindAsync())?.Document);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Doha")]
    [InlineData("-doha")]
    [InlineData("../doha-2026")]
    [InlineData("doha-2026\0")]
    public async Task FindAsync_BreaksTheRuleOfNames_IsUnknownWithoutARead(string name)
    {
        Assert.Same(NegotiationEntry.Unknown, await FindAsync(name, DirectoryShare.Anonymous));
        Assert.Same(NegotiationEntry.Unknown, await FindAsync(new string('a', 300), DirectoryShare.Caller));
        Assert.Equal((0, 0), (_source.Reads, _source.Listings));
    }

    [Theory]
    [InlineData(DirectoryShare.Queue)]
    [InlineData(DirectoryShare.Caller)]
    [InlineData(DirectoryShare.Anonymous)]
    public async Task FindAsync_StrangersMakeUpNames_NobodyElsesFirstLookFails(DirectoryShare strangers)
    {
        var members = Enumerable.Range(1, 9).Select(i => $"doha-202{i}").ToArray();
        _source.Answer = (name, _) => members.Contains(name)
            ? FakeDirectorySource.Found(TestNegotiation.Document(negotiation: name))
            : new(DirectoryReadStatus.NotFound, default, null);
        _source.Listed = members.ToHashSet();
        for (var second = 0; second < members.Length; second++)
        {
            for (var i = 0; i < 1_000; i++)
            {
                Assert.Same(NegotiationEntry.Unknown, await FindAsync($"made-up-{second}-{i}", strangers));
            }

            // Even one that comes by the strangers' own way.
            foreach (var share in Enum.GetValues<DirectoryShare>()) Assert.NotNull((await FindAsync(members[second], share))?.Document);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_source.Reads, members.Length, members.Length * (_options.NewNamesPerSecond + 1));
        // At the first name past a share, and once more at half its age.
        Assert.Equal(2, _source.Listings);
    }

    [Fact]
    public async Task FindAsync_ListingIsMadeAnew_NobodyWaitsUnlessItIsTooOld()
    {
        _options.NewNamesPerSecond = 1;
        await using var directory = new NegotiationDirectory(
            _source, Options.Create(_options), _time, NullLogger<NegotiationDirectory>.Instance);
        ValueTask<NegotiationEntry?> FindAsync(int number) =>
            directory.FindAsync($"doha-{number}", DirectoryShare.Queue, TestContext.Current.CancellationToken);
        _source.Answer = static (name, _) => FakeDirectorySource.Found(TestNegotiation.Document(negotiation: name));
        _source.Listed = Enumerable.Range(0, 9).Select(static i => $"doha-{i}").ToHashSet();
        foreach (var number in (int[])[0, 1]) Assert.NotNull((await FindAsync(number))?.Document);
        var listed = new TaskCompletionSource();
        _source.BeforeListing = () => listed.Task;

        _time.Advance(_options.UnknownAge / 2);
        foreach (var number in (int[])[2, 3, 4]) Assert.NotNull((await FindAsync(number))?.Document);
        Assert.Equal(2, _source.Listings);
        _time.Advance(_options.UnknownAge / 2);
        Assert.NotNull((await FindAsync(5))?.Document);
        var late = FindAsync(6).AsTask();
        Assert.False(late.IsCompleted);
        listed.SetResult();

        Assert.NotNull((await late)?.Document);
        Assert.Equal(2, _source.Listings);
    }

    [Fact]
    public async Task FindAsync_ManyAtOncePastTheShare_ListOnce()
    {
        _options.NewNamesPerSecond = 1;
        await using var directory = new NegotiationDirectory(
            _source, Options.Create(_options), _time, NullLogger<NegotiationDirectory>.Instance);
        _source.Listed = new HashSet<string>();
        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(() =>
            directory.FindAsync($"made-up-{i}", DirectoryShare.Anonymous, TestContext.Current.CancellationToken).AsTask())));
        Assert.Equal(1, _source.Listings);
    }

    [Fact]
    public async Task FindAsync_PastTheShareAndNoListing_SaysNothing()
    {
        for (var i = 0; i < _options.NewNamesPerSecond; i++) await FindAsync($"made-up-{i}", DirectoryShare.Anonymous);
        Assert.Null(await FindAsync("made-up", DirectoryShare.Anonymous));
        Assert.NotNull(await FindAsync());
    }

    [Fact]
    public async Task FindAsync_NewNegotiationWhileStrangersFlood_IsFoundOnTheQueueAtOnce()
    {
        _source.Answer = (_, _) => new(DirectoryReadStatus.NotFound, default, null);
        _source.Listed = new HashSet<string>();
        for (var i = 0; i < 1_000; i++) await FindAsync($"made-up-{i}", DirectoryShare.Anonymous);
        _source.Answer = (_, _) => FakeDirectorySource.Found(TestNegotiation.Document());
        Assert.NotNull((await FindAsync())?.Document);
    }

    public static TheoryData<byte[]> UnusableDocuments => new(
        Encoding.UTF8.GetBytes("{"),
        TestNegotiation.Document(negotiation: "geneva-1985"),
        TestNegotiation.Document(usTopic: "signals"),
        TestNegotiation.Document("ajar"));

    [Theory]
    [MemberData(nameof(UnusableDocuments))]
    public async Task FindAsync_UnusableDocument_TakesTheValidOnesPlaceUntilMended(byte[] document)
    {
        await FindAsync();
        _source.Answer = (_, _) => FakeDirectorySource.Found(document, "2");
        _time.Advance(_options.RefreshAfter);
        await FindAsync();
        var entry = await FindAsync();
        Assert.Null(entry?.Document);
        Assert.NotEmpty(entry?.Problem ?? "");

        _source.Answer = (_, _) => FakeDirectorySource.Found(TestNegotiation.Document(), "3");
        _time.Advance(_options.UnknownAge);
        Assert.NotNull((await FindAsync())?.Document);
    }

    [Fact]
    public async Task FindAsync_TopicNotConfigured_RefusesTheDocument()
    {
        _options.Topics.Add("delegation-us");
        _options.Topics.Add("delegation-iran");
        Assert.Contains("delegation-oslo", (await FindAsync())?.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("delegation-us", true)]
    [InlineData("delegation-", false)]
    [InlineData("delegation-US", false)]
    [InlineData("delegation-us/Subscriptions/inbox", false)]
    [InlineData("signals", false)]
    [InlineData(null, false)]
    public void IsValid_Topic_IsADelegations(string? topic, bool valid) => Assert.Equal(valid, DelegationTopic.IsValid(topic));

    private ValueTask<NegotiationEntry?> FindAsync(string name, DirectoryShare share) =>
        _directory.FindAsync(name, share, TestContext.Current.CancellationToken);

    private ValueTask<NegotiationEntry?> FindAsync() =>
        _directory.FindAsync(TestNegotiation.Name, DirectoryShare.Queue, TestContext.Current.CancellationToken);
}

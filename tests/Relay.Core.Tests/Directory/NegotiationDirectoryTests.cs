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

    private ValueTask<NegotiationEntry?> FindAsync() => _directory.FindAsync(TestNegotiation.Name, TestContext.Current.CancellationToken);
}

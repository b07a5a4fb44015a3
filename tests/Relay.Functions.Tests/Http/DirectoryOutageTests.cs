using System.Net;
using Relay.Core.Directory;
using Relay.Core.Health;
using Relay.Core.Tests;
using Relay.Functions.Tests.Reading;

namespace Relay.Functions.Tests.Http;

/// <summary>
/// While the directory is known to be down nobody learns what of it is held in memory. Through the genuine host and worker:
/// <c>DirectoryOutageTests</c> of the integration tests.
/// </summary>
public sealed class DirectoryOutageTests : IAsyncLifetime
{
    private const string Made = "a-name-that-was-made-up";

    private readonly ReadingFixture _fixture = new();
    private AppUnderTest _app = null!;

    public async ValueTask InitializeAsync() => _app = await AppUnderTest.StartAsync(_fixture);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task Stranger_WhileItIsDown_CannotTellAHeldNegotiationFromOneMadeUp()
    {
        Assert.Equal(HttpStatusCode.OK, await ModeAsync(TestNegotiation.Name, "member"));
        Assert.Equal(HttpStatusCode.Forbidden, await ModeAsync(TestNegotiation.Name, "stranger"));
        Assert.Equal(HttpStatusCode.Forbidden, await ModeAsync(Made, "stranger"));
        _fixture.Source.Answer = (_, _) => new(DirectoryReadStatus.Unavailable, default, null);
        Note(works: false);
        Assert.Equal(HttpStatusCode.OK, await ModeAsync(TestNegotiation.Name, "member"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ModeAsync(TestNegotiation.Name, "stranger"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ModeAsync(Made, "stranger"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ModeAsync("never-asked-for", "stranger"));
        Note(works: true);
        Assert.Equal(HttpStatusCode.Forbidden, await ModeAsync(TestNegotiation.Name, "stranger"));
    }

    private void Note(bool works)
    {
        for (var i = 0; i < 2; i++) _fixture.Get<DependencyCircuit>().Note(Dependency.Directory, works);
    }

    private async Task<HttpStatusCode> ModeAsync(string negotiation, string caller)
    {
        using var answer = await _app.SendAsync(HttpMethod.Get, $"/api/negotiations/{negotiation}/mode", caller: caller);
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) Assert.Equal(5, answer.Headers.RetryAfter?.Delta?.TotalSeconds);
        return answer.StatusCode;
    }
}

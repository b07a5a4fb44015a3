using System.Net;
using Relay.Local;

namespace Relay.IntegrationTests.Http;

/// <summary>
/// A function of the app that throws: a fault of its surroundings that no code expects, here a ledger folder that is a file.
/// </summary>
public sealed class ThrowingFunctionTests
{
    [Fact]
    public async Task Get_FunctionThatThrows_Is500ThatSaysNothingOfTheInside()
    {
        await using var relay = new RelayUnderTest();
        var file = Path.Combine(relay.Options.StateFolder, "ledger");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        await relay.InitializeAsync();
        using var http = LocalCertificates.OpenClient(relay.Stack.Endpoints, relay.Options.StateFolder, "iran", TimeProvider.System);

        using var answer = await http.GetAsync(
            new Uri($"api/negotiations/{relay.Options.Negotiation}/checkpoint", UriKind.Relative), TestContext.Current.CancellationToken);

        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            (HttpStatusCode.InternalServerError, "application/problem+json"),
            (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains("urn:relay:unexpected", body, StringComparison.Ordinal);
        Assert.DoesNotContain(file, body, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", body, StringComparison.Ordinal);
        using var alive = await http.GetAsync(new Uri("api/health/live", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }
}

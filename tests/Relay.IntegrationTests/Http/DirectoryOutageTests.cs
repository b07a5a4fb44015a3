using System.Net;
using System.Net.Http.Headers;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.IntegrationTests.Http;

/// <summary>
/// The directory goes away and comes back under the genuine host and worker: whoever brings anything is told so in one answer, whether a
/// member or a stranger, and told when to come again.
/// </summary>
[Collection(RelayedEnvelope.Collection)]
public sealed class DirectoryOutageTests(RelayedEnvelope relayed) : IDisposable
{
    private const string MadeUp = "geneva-1985";

    private readonly string _folder = Path.Combine(relayed.StateFolder, "directory");

    private string Elsewhere => _folder + ".away";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Return();

    [Fact]
    public async Task Directory_GoneAndBack_IsOneAnswerToMembersAndStrangersMeanwhile()
    {
        var bodies = await BodiesAsync();
        Assert.Equal(bodies.Select(body => body.Expected), await AnswersAsync(bodies, Status));

        Directory.Move(_folder, Elsewhere);
        await ReadyAsync(reasons => reasons.Contains("directory-down: expected the directory within reach", StringComparison.Ordinal));
        var answers = await AnswersAsync(bodies, Whole);
        foreach (var route in bodies.Zip(answers).GroupBy(pair => pair.First.Route))
        {
            var answer = Assert.Single(route.Select(pair => pair.Second).Distinct());
            var reason = route.Key == "envelopes" ? "read-only" : "directory-unavailable";
            Assert.StartsWith($"503 Retry-After 5 {{\"type\":\"urn:relay:{reason}\"", answer, StringComparison.Ordinal);
        }

        // What is held in memory is read on.
        var checkpoint = new Uri(relayed.PathOf("negotiations/{negotiation}/checkpoint"), UriKind.Relative);
        using (var read = await relayed.Member.GetAsync(checkpoint, Token)) Assert.Equal(HttpStatusCode.OK, read.StatusCode);

        Return();
        await ReadyAsync(reasons => !reasons.Contains("directory-down", StringComparison.Ordinal));
        Assert.Equal(bodies.Select(body => body.Expected), await AnswersAsync(bodies, Status));
    }

    private void Return()
    {
        if (Directory.Exists(Elsewhere)) Directory.Move(Elsewhere, _folder);
    }

    private async Task ReadyAsync(Func<string, bool> isSo)
    {
        var started = TimeProvider.System.GetTimestamp();
        string reasons;
        do
        {
            using var answer = await relayed.Nobody.GetAsync(new Uri("api/health/ready", UriKind.Relative), Token);
            reasons = await answer.Content.ReadAsStringAsync(Token);
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TestDeadline.Default, $"health/ready says for long: {reasons}");
        }
        while (!isSo(reasons));
    }

    private async Task<List<string>> AnswersAsync(IEnumerable<Body> bodies, Func<HttpResponseMessage, string, string> shown)
    {
        var answers = new List<string>();
        foreach (var body in bodies)
        {
            using var content = new ByteArrayContent(body.Bytes);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(body.Route == "envelopes" ? Envelope.MediaType : "application/jose");
            using var request = new HttpRequestMessage(body.Method, new Uri("api/" + body.Route, UriKind.Relative)) { Content = content };
            using var answer = await relayed.Nobody.SendAsync(request, Token);
            answers.Add(shown(answer, await answer.Content.ReadAsStringAsync(Token)));
        }

        return answers;
    }

    private static string Status(HttpResponseMessage answer, string body) =>
        answer.IsSuccessStatusCode ? $"{(int)answer.StatusCode}" : $"{(int)answer.StatusCode} {body.Split('"')[3]}";

    private static string Whole(HttpResponseMessage answer, string body) =>
        $"{(int)answer.StatusCode} Retry-After {answer.Headers.RetryAfter?.Delta?.TotalSeconds} {body}";

    // Each of a member and of strangers, over the negotiation that there is and over a name that was made up.
    private async Task<List<Body>> BodiesAsync()
    {
        Assert.True(Envelope.TryParse(relayed.Logged, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        var prekeys = $"negotiations/{relayed.Negotiation}/delegations/iran/prekeys";
        const string NotProved = "403 urn:relay:acknowledgement-not-proved";
        const string NoPrekeys = "403 urn:relay:prekeys-not-proved";
        using var iran = new LocalSigner(relayed.Cast.Delegations["iran"].Identity);
        using var us = new LocalSigner(relayed.Cast.Delegations["us"].Identity);
        using var key = PrivateJwk.Generate(JwkKind.P256, "iran#1");
        using var stranger = new LocalSigner(key);
        using var otherKey = PrivateJwk.Generate(JwkKind.P256, "us#1");
        using var otherStranger = new LocalSigner(otherKey);
        var id = envelope.Head.Id;
        var elsewhere = id with { Negotiation = MadeUp };
        return
        [
            new(HttpMethod.Post, "envelopes", relayed.Logged, "202"),
            new(HttpMethod.Post, "envelopes", await relayed.ForgeAsync(relayed.Negotiation, 1), "422 urn:relay:envelope-not-proved"),
            new(HttpMethod.Post, "envelopes", await relayed.ForgeAsync(MadeUp, 1), "422 urn:relay:envelope-not-proved"),
            new(HttpMethod.Post, "acknowledgements", await SignedBodies.SayAsync(envelope, id, iran), "201"),
            new(HttpMethod.Post, "acknowledgements", await SignedBodies.SayAsync(envelope, id, stranger), NotProved),
            new(HttpMethod.Post, "acknowledgements", await SignedBodies.SayAsync(envelope, elsewhere, stranger), NotProved),
            new(HttpMethod.Post, prekeys + "/claim", await SignedBodies.ClaimAsync(id, us), "404 urn:relay:prekeys-not-found"),
            new(HttpMethod.Post, prekeys + "/claim", await SignedBodies.ClaimAsync(id, otherStranger), NoPrekeys),
            new(HttpMethod.Put, prekeys, await SignedBodies.BundleAsync(relayed.Negotiation, stranger), NoPrekeys),
        ];
    }

    private sealed record Body(HttpMethod Method, string Route, byte[] Bytes, string Expected);
}

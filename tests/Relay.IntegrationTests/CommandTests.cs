using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Client.KeyVault;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>The <c>relay</c> command as people use it: processes of its own, one of them the stack.</summary>
public sealed class CommandTests : CommandStack
{
    [Fact]
    public async Task Envelopes_SubmittedEachWay_AreHeardAndTheStackStopsCleanly()
    {
        var listening = RunAsync("listen", "iran", "--count", "3");
        await SignAsync("one.json", "By the queue.", "normal");
        await SucceedAsync("submit", PathOf("one.json"));
        await SignAsync("two.json", "By HTTP, urgently.", "urgent");
        await SucceedAsync("submit", PathOf("two.json"), "--http");
        await SignAsync("three.json", "By any HTTP client.", "normal");
        using var answer = await PostAsync(await File.ReadAllBytesAsync(PathOf("three.json"), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("/api/envelopes/doha-2026/us/normal/2", answer.Headers.Location?.OriginalString);

        var (code, heard, errors) = await listening;
        Assert.True(code == 0, errors);
        Assert.Contains("doha-2026/us/normal/1 signed by us#1 through oman, qatar, swiss, weight 4 of 3", heard, StringComparison.Ordinal);
        foreach (var said in new[] { "By the queue.", "By HTTP, urgently.", "By any HTTP client." })
        {
            Assert.Contains(said, heard, StringComparison.Ordinal);
        }

        using var http = new HttpClient();
        var status = await http.GetStringAsync(
            new Uri(LocalEndpoints.TryRead(State)!.ServiceBusStatus!, "status.json"), TestContext.Current.CancellationToken);
        Assert.Contains("delegation-iran/Subscriptions/inbox", status, StringComparison.Ordinal);

        Assert.Equal(0, await StopAsync());
        Assert.False(File.Exists(Path.Combine(State, "endpoints.json")));
    }

    [Fact]
    public async Task Worker_OfTheStack_IsItsChildAndEndsWhenTheStackIsKilled()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Parents and command lines are read from /proc.");
        var worker = Assert.Single(Signals.ChildrenOf(StackId, "Relay.Functions.dll"));
        using (var http = new HttpClient())
        {
            var live = new Uri(LocalEndpoints.TryRead(State)!.Http, "api/health/live");
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(live, TestContext.Current.CancellationToken)).StatusCode);
        }

        Assert.False(Signals.IsGone(worker));
        await KillAsync();
        await TestDeadline.Until(() => Signals.IsGone(worker), $"worker {worker} is gone");
    }

    [Fact]
    public async Task Sign_ByWhoHasListened_SaysWhatItHasSeenOfTheLedger()
    {
        await SignAsync("first.json", "Nothing seen yet.", "normal");
        await SucceedAsync("sign", "--from", "iran", "--to", "us", "--text", "An answer.", "--out", PathOf("answer.json"));
        await SucceedAsync("submit", PathOf("answer.json"));
        Assert.Contains("An answer.", await SucceedAsync("listen", "us", "--count", "1"), StringComparison.Ordinal);
        var content = JsonNode.Parse((await EnvelopeOfAsync("answer.json")).Sealed.Content.Span)!;
        var header = Encoding.UTF8.GetString(StrictBase64Url.Decode((string)content["protected"]!)!);
        Assert.Contains("\"alg\":\"HPKE-8-KE\"", header, StringComparison.Ordinal);
        await SignAsync("second.json", "I have seen that.", "normal");

        Assert.Null((await EnvelopeOfAsync("first.json")).Head.Seen);
        // The policy and the answer.
        Assert.True((await EnvelopeOfAsync("second.json")).Head.Seen is { Size: >= 2 });

        await SucceedAsync("submit", PathOf("first.json"));
        await SucceedAsync("submit", PathOf("second.json"));
        Assert.Contains("I have seen that.", await SucceedAsync("listen", "iran", "--count", "2"), StringComparison.Ordinal);
        var (code, _, errors) = await RunAsync(
            "sign",
            "--from",
            "us",
            "--to",
            "iran",
            "--text",
            "To another relay.",
            "--relay-name",
            "relay.example",
            "--out",
            PathOf("third.json"));
        Assert.True(code != 0 && errors.Contains("--relay-name", StringComparison.Ordinal), errors);
    }

    [Fact]
    public async Task Sign_HeadWithoutItsContent_CountsOnTheEnvelope()
    {
        await SucceedAsync(
            "sign", "--from", "us", "--to", "iran", "--text", "Not for mediators.", "--mediators", "qatar", "--out", PathOf("made.json"));
        await SucceedAsync("sign", "--head", PathOf("made.json"), "--mediators", "oman", "--out", PathOf("head.json"));
        var head = await File.ReadAllTextAsync(PathOf("head.json"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("\"content\"", head, StringComparison.Ordinal);
        await SucceedAsync("sign", "--head", PathOf("head.json"), "--mediators", "swiss", "--out", PathOf("heads.json"));
        await SucceedAsync("sign", "--add", PathOf("made.json"), "--attach", PathOf("heads.json"), "--out", PathOf("signed.json"));
        Assert.Equal(3, (await EnvelopeOfAsync("signed.json")).Signatures.Length);

        await SucceedAsync("submit", PathOf("signed.json"));
        var heard = await SucceedAsync("listen", "iran", "--count", "1");
        Assert.Contains("through oman, qatar, swiss", heard, StringComparison.Ordinal);
        Assert.Contains("Not for mediators.", heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_SeveralHeads_AreSignedTogetherAndCount()
    {
        foreach (var name in new[] { "one.json", "two.json" })
        {
            await SucceedAsync(
                "sign", "--from", "us", "--to", "iran", "--text", $"This is {name}.", "--mediators", "qatar", "--out", PathOf(name));
        }

        await SucceedAsync(
            "sign", "--head", PathOf("one.json"), PathOf("two.json"), "--mediators", "oman", "swiss", "--into", PathOf("signed"));
        foreach (var name in new[] { "one.json", "two.json" })
        {
            await SucceedAsync(
                "sign", "--add", PathOf(name), "--attach", PathOf($"signed/{name}"), "--out", PathOf($"whole-{name}"));
            var signatures = (await EnvelopeOfAsync($"whole-{name}")).Signatures;
            Assert.Equal(
                [JwsAlgorithm.ES256, JwsAlgorithm.MTES256, JwsAlgorithm.MTES256], signatures.Select(signature => signature.Algorithm));
            await SucceedAsync("submit", PathOf($"whole-{name}"));
        }

        var heard = await SucceedAsync("listen", "iran", "--count", "2");
        Assert.Contains("This is one.json.", heard, StringComparison.Ordinal);
        Assert.Contains("This is two.json.", heard, StringComparison.Ordinal);
        var (code, _, errors) = await RunAsync("sign", "--head", PathOf("one.json"), PathOf("two.json"), "--out", PathOf("both.json"));
        Assert.True(code != 0 && errors.Contains("--into", StringComparison.Ordinal), errors);
    }

    [Fact]
    public async Task VerifyEvidence_OfAForkThatTheRelaysKeySigned_HoldsAndAChangedOneDoesNot()
    {
        // A relay that lies has its vault key: two trees of one size, certified by it.
        var cancel = TestContext.Current.CancellationToken;
        var vault = LocalVault.Open(LocalEndpoints.TryRead(State)!, "relay", TimeProvider.System);
        await SignAsync("one.json", "The relay begins its ledger, and makes its key.", "normal");
        await SucceedAsync("submit", PathOf("one.json"));
        await SucceedAsync("listen", "iran", "--count", "1");
        using var key = PrivateJwk.Generate(JwkKind.P256, "checkpoint");
        Assert.True(PublicJwk.TryCreate(key.Public.ToECParameters(), null, out var jwk, out _));
        var now = TimeProvider.System.GetUtcNow();
        var certificate = await CheckpointKeyCertificate.SignAsync(
            "relay.local/", jwk, now, now.AddHours(1), await KeyVaultEnvelopeSigner.CreateAsync(vault, "relay-checkpoint", cancel), cancel);
        Assert.True(NoteKey.TryCreate("relay.local/doha-2026", jwk, out var noteKey, out var error), error);
        using var note = noteKey;
        using var signer = new LocalSigner(key);
        async Task<SignedCheckpoint> ShowAsync(string tree)
        {
            var signed = await note.SignAsync(
                new Checkpoint("relay.local/doha-2026", 5, Digest.Of(Encoding.UTF8.GetBytes(tree))).ToBytes(), signer, cancel);
            Assert.True(SignedCheckpoint.TryParse(signed.Bytes, certificate.Bytes, out var checkpoint, out var problem), problem);
            return checkpoint;
        }

        var proof = EvidenceFile.Fork(await ShowAsync("to us"), await ShowAsync("to iran")).Bytes.ToArray();
        await File.WriteAllBytesAsync(PathOf("fork.evidence"), proof, cancel);
        Assert.Contains(
            "holds: fork by relay.local/doha-2026", await SucceedAsync("verify", "evidence", PathOf("fork.evidence")), StringComparison.Ordinal);

        var same = await ShowAsync("to both");
        await File.WriteAllBytesAsync(PathOf("none.evidence"), EvidenceFile.Fork(same, same).Bytes.ToArray(), cancel);
        var (code, output, _) = await RunAsync("verify", "evidence", PathOf("none.evidence"));
        Assert.True(code == 1 && output.Contains("does not hold: ShowsNothing", StringComparison.Ordinal), output);
        (code, _, var errors) = await RunAsync("verify", "evidence", PathOf("one.json"));
        Assert.True(code != 0 && errors.Contains("is no such file", StringComparison.Ordinal), errors);
        (code, _, errors) = await RunAsync("verify", "evidence", PathOf("fork.evidence"), "--relay-name", "relay.example");
        Assert.True(code != 0 && errors.Contains("--relay-name", StringComparison.Ordinal), errors);
    }

    [Fact]
    public async Task Post_OfWhatTheRelayRefuses_IsAnsweredWithAProblemThatSaysWhy()
    {
        using var rubbish = await PostAsync("hello"u8.ToArray());
        var problem = await ProblemAsync(rubbish, HttpStatusCode.BadRequest);
        Assert.Equal("urn:relay:not-json", problem["type"]!.GetValue<string>());
        Assert.Contains("expected", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);

        using var large = await PostAsync(new byte[300 * 1024], expectContinue: true);
        Assert.Equal("urn:relay:oversize", (await ProblemAsync(large, HttpStatusCode.RequestEntityTooLarge))["type"]!.GetValue<string>());

        await SignAsync("spoilt.json", "Spoilt.", "normal");
        var spoilt = JsonNode.Parse(await File.ReadAllBytesAsync(PathOf("spoilt.json"), TestContext.Current.CancellationToken))!;
        foreach (var signature in spoilt["signatures"]!.AsArray()) signature!["signature"] = new string('A', 86);
        await File.WriteAllTextAsync(PathOf("spoilt.json"), spoilt.ToJsonString(), TestContext.Current.CancellationToken);
        using var answer = await PostAsync(await File.ReadAllBytesAsync(PathOf("spoilt.json"), TestContext.Current.CancellationToken));
        var refused = await ProblemAsync(answer, HttpStatusCode.UnprocessableEntity);
        // Nothing is told before a quorum is verified; 'submit' says what the document and the keys here tell.
        Assert.Equal("urn:relay:envelope-not-proved", refused["type"]!.GetValue<string>());
        Assert.DoesNotContain("doha-2026", refused.ToJsonString(), StringComparison.Ordinal);

        var (code, _, errors) = await RunAsync("submit", PathOf("spoilt.json"), "--http");
        Assert.Equal(1, code);
        Assert.Contains("bad-signature", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_OfMediatorsThatSignApart_BecomeOneEnvelopeAndStatusSaysWhoIsMissing()
    {
        await SucceedAsync(
            "sign", "--from", "us", "--to", "iran", "--text", "Signed apart.", "--mediators", "oman", "--out", PathOf("oman.json"));
        // The other mediator gets the head, and hands over the envelope with its own signature and no other.
        await SucceedAsync("sign", "--head", PathOf("oman.json"), "--mediators", "qatar", "--out", PathOf("head.json"));
        var first = await EnvelopeOfAsync("oman.json");
        var head = await File.ReadAllBytesAsync(PathOf("head.json"), TestContext.Current.CancellationToken);
        Assert.True(SignedHead.TryParse(head, EnvelopeLimits.Default, out var signed, out _, out var detail), detail);
        var both = new EnvelopeBuilder(first.Sealed);
        both.Attach(signed);
        Assert.True(Envelope.TryParse(both.ToWire(), EnvelopeLimits.Default, out var whole, out _, out detail), detail);
        var apart = new EnvelopeBuilder(first.Sealed);
        apart.Attach(
            whole.SignedBy(Enumerable.Range(0, whole.Signatures.Length).Where(place => whole.Signatures[place].Key.Name == "mediator-qatar")));
        await File.WriteAllBytesAsync(PathOf("qatar.json"), apart.ToWire(), TestContext.Current.CancellationToken);

        // One by HTTP, the other by the queue.
        Assert.Contains("pending by", await SucceedAsync("submit", PathOf("oman.json"), "--http"), StringComparison.Ordinal);
        var waits = await StatusAsync("pending: ");
        Assert.Contains("it has weight 1 of 3 and lacks qatar, swiss", waits, StringComparison.Ordinal);
        await SucceedAsync("submit", PathOf("qatar.json"));
        var heard = await SucceedAsync("listen", "iran", "--count", "1");
        Assert.Contains("doha-2026/us/normal/1 signed by us#1 through oman, qatar, weight 3 of 3", heard, StringComparison.Ordinal);
        await StatusAsync("Everything made is in the ledger");

        // The relay takes what was handed over in its own time.
        async Task<string> StatusAsync(string said)
        {
            for (var started = TimeProvider.System.GetTimestamp(); ;)
            {
                var (_, status, errors) = await RunAsync("status", "us", "--grace", "0s");
                if (status.Contains(said, StringComparison.Ordinal)) return status;
                Assert.True(TimeProvider.System.GetElapsedTime(started) < TestDeadline.Default, $"Never said: {said}\n{status}{errors}");
            }
        }
    }

    [Fact]
    public async Task Keys_CreatedListedAndDisabled_AreSeenByTheRelay()
    {
        var created = (await SucceedAsync("keys", "create", "mediator-qatar")).Trim();
        Assert.Contains(created.Split('/')[^1], await SucceedAsync("keys", "list"), StringComparison.Ordinal);
        await SignAsync("signed-before.json", "Signed before the key was disabled.", "normal");
        Assert.Contains(created, await SucceedAsync("keys", "disable", "mediator-qatar"), StringComparison.Ordinal);
        using var answer = await PostAsync(
            await File.ReadAllBytesAsync(PathOf("signed-before.json"), TestContext.Current.CancellationToken));
        Assert.Equal(
            "urn:relay:envelope-not-proved", (await ProblemAsync(answer, HttpStatusCode.UnprocessableEntity))["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task Demo_AgainstARunningRelay_IsRightAndLeavesWhatIsNotItsOwn()
    {
        Assert.Contains(
            "each for its own reason", await SucceedAsync("demo", "--against", "local", "--envelopes", "200"), StringComparison.Ordinal);
        foreach (var document in Directory.EnumerateFiles(Path.Combine(State, "directory"), "demo-*.json"))
        {
            Assert.Equal(
                "closed",
                JsonNode.Parse(await File.ReadAllBytesAsync(document, TestContext.Current.CancellationToken))!["mode"]!.GetValue<string>());
        }

        await SignAsync("real.json", "Not of the demo.", "normal");
        await SucceedAsync("submit", PathOf("real.json"));
        var (code, _, errors) = await RunAsync("demo", "--against", "local", "--envelopes", "200");
        Assert.Equal(1, code);
        Assert.Contains("doha-2026/us/normal/1", errors, StringComparison.Ordinal);
        // It comes again, among what that demo had no time to take away.
        using var listening = Start("listen", "iran");
        try
        {
            while (await TestDeadline.Within(
                listening.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()) is { } line
                && !line.Contains("Not of the demo.", StringComparison.Ordinal))
            {
            }

            Assert.False(listening.HasExited);
        }
        finally
        {
            listening.Kill(entireProcessTree: true);
        }
    }

    private async Task<HttpResponseMessage> PostAsync(byte[] body, bool expectContinue = false)
    {
        // A busy server takes more than the second after which a client by default sends its body unasked.
        using var client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TestDeadline.Default });
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(LocalEndpoints.TryRead(State)!.Http, "api/envelopes"))
        { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(Envelope.MediaType);
        request.Headers.ExpectContinue = expectContinue;
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<JsonNode> ProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode} {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!;
    }
}

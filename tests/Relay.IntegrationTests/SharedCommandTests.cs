using System.Net;
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

namespace Relay.IntegrationTests;

/// <summary>What the commands do for those who sign together, who were lied to, and who are refused.</summary>
[Collection(SharedStack.Collection)]
public sealed class SharedCommandTests(SharedStack stack) : SharedStackTest(stack)
{
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
        Assert.True(NoteKey.TryCreate($"relay.local/{Negotiation}", jwk, out var noteKey, out var error), error);
        using var note = noteKey;
        using var signer = new LocalSigner(key);
        async Task<SignedCheckpoint> ShowAsync(string tree)
        {
            var signed = await note.SignAsync(
                new Checkpoint($"relay.local/{Negotiation}", 5, Digest.Of(Encoding.UTF8.GetBytes(tree))).ToBytes(), signer, cancel);
            Assert.True(SignedCheckpoint.TryParse(signed.Bytes, certificate.Bytes, out var checkpoint, out var problem), problem);
            return checkpoint;
        }

        var proof = EvidenceFile.Fork(await ShowAsync("to us"), await ShowAsync("to iran")).Bytes.ToArray();
        await File.WriteAllBytesAsync(PathOf("fork.evidence"), proof, cancel);
        var held = await SucceedApartAsync("verify", "evidence", PathOf("fork.evidence"));
        Assert.Contains($"holds: fork by relay.local/{Negotiation}", held, StringComparison.Ordinal);

        var same = await ShowAsync("to both");
        await File.WriteAllBytesAsync(PathOf("none.evidence"), EvidenceFile.Fork(same, same).Bytes.ToArray(), cancel);
        var (code, output, _) = await RunApartAsync("verify", "evidence", PathOf("none.evidence"));
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
        var problem = await CommandStack.ProblemAsync(rubbish, HttpStatusCode.BadRequest);
        Assert.Equal("urn:relay:not-json", problem["type"]!.GetValue<string>());
        Assert.Contains("expected", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);

        using var large = await PostAsync(new byte[300 * 1024], expectContinue: true);
        var oversize = await CommandStack.ProblemAsync(large, HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal("urn:relay:oversize", oversize["type"]!.GetValue<string>());

        await SignAsync("spoilt.json", "Spoilt.", "normal");
        var spoilt = JsonNode.Parse(await File.ReadAllBytesAsync(PathOf("spoilt.json"), TestContext.Current.CancellationToken))!;
        foreach (var signature in spoilt["signatures"]!.AsArray()) signature!["signature"] = new string('A', 86);
        await File.WriteAllTextAsync(PathOf("spoilt.json"), spoilt.ToJsonString(), TestContext.Current.CancellationToken);
        using var answer = await PostAsync(await File.ReadAllBytesAsync(PathOf("spoilt.json"), TestContext.Current.CancellationToken));
        var refused = await CommandStack.ProblemAsync(answer, HttpStatusCode.UnprocessableEntity);
        // Nothing is told before a quorum is verified; 'submit' says what the document and the keys here tell.
        Assert.Equal("urn:relay:envelope-not-proved", refused["type"]!.GetValue<string>());
        Assert.DoesNotContain(Negotiation, refused.ToJsonString(), StringComparison.Ordinal);

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
        var places = Enumerable.Range(0, whole.Signatures.Length);
        apart.Attach(whole.SignedBy(places.Where(place => whole.Signatures[place].Key.Name == "mediator-qatar")));
        await File.WriteAllBytesAsync(PathOf("qatar.json"), apart.ToWire(), TestContext.Current.CancellationToken);

        // One by HTTP, the other by the queue.
        Assert.Contains("pending by", await SucceedAsync("submit", PathOf("oman.json"), "--http"), StringComparison.Ordinal);
        var waits = await StatusAsync("pending: ");
        Assert.Contains("it has weight 1 of 3 and lacks qatar, swiss", waits, StringComparison.Ordinal);
        await SucceedAsync("submit", PathOf("qatar.json"));
        var heard = await SucceedAsync("listen", "iran", "--count", "1");
        Assert.Contains($"{Negotiation}/us/normal/1 signed by us#1 through oman, qatar, weight 3 of 3", heard, StringComparison.Ordinal);
        await StatusAsync("Everything made is in the ledger");
    }
}

using System.Text.Json.Nodes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing;

namespace Relay.Protocol.Tests.Interop;

/// <summary>Two implementations from npm on the other side of HPKE-8-KE; <c>hpke.mjs</c> says which.</summary>
public sealed class HpkePeerTests : IDisposable
{
    private const string Script = "Interop/hpke.mjs";

    private static readonly string[] Packages =
        ["@noble/hashes@2.4.0", "@noble/post-quantum@0.7.1", "@panva/hpke-noble@1.0.3", "hpke@1.1.7", "jose@6.2.17"];

    private readonly Samples _samples = new();
    private readonly PrivateJwk _iran = HybridKeyPair.Generate("iran/session-2");
    private readonly PrivateJwk _oman = HybridKeyPair.Generate("oman/session-2");
    private readonly string _folder = Directory.CreateTempSubdirectory("relay-hpke-").FullName;

    public void Dispose()
    {
        _samples.Dispose();
        _iran.Dispose();
        _oman.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task PeersMakeContents_WeOpen()
    {
        var draft = Draft(["iran", "oman"]);
        using var signer = new LocalSigner(_samples.Identity);
        var jws = await StatementJws.SignAsync(draft, signer, TestContext.Current.CancellationToken);
        var opening = new byte[Commitment.OpeningSize];
        var result = await RunAsync("make", new JsonObject
        {
            ["id"] = Samples.FirstId.ToString(),
            ["com"] = Commitment.Of(Samples.FirstId, opening, jws, draft.Body.Span).ToString(),
            ["plaintext"] = StrictBase64Url.Encode(Plaintext.Write(opening, jws, draft.Body.Span)),
            ["audiences"] = new JsonArray(
                [.. Audiences().Select(keys => new JsonArray([.. keys.Select(key => Json(key.Public.ToJson()))]))]),
        });

        var sender = _samples.SenderKey();
        using var senderKey = sender.Key;
        var made = result["made"]!.AsArray();
        Assert.Equal(6, made.Count);
        foreach (var (one, keys) in made.Zip(Audiences().Concat(Audiences())))
        {
            var envelope = Samples.Sealed(Samples.Utf8(one!["content"]!.ToJsonString()), audience: ["iran", "oman"]);
            foreach (var key in keys)
            {
                var opened = ContentOpener.TryOpen(
                    envelope, [key], HpkeKeyEncryption.Instance, [sender], out var statement, out _, out var detail);
                Assert.True(opened, $"{one["peer"]}: {detail}");
                Assert.Equal(draft.Body.ToArray(), statement!.Body);
            }
        }
        foreach (var key in result["keys"]!.AsArray())
        {
            Assert.True(PrivateJwk.TryParse(Samples.Utf8(key!.ToJsonString()), out var theirs, out var error), error);
            using (theirs) Assert.True(HybridKeyPair.Belongs(theirs));
        }
    }

    [Fact]
    public async Task WeMakeContents_PeersOpen()
    {
        var contents = new JsonArray();
        using var signer = new LocalSigner(_samples.Identity);
        foreach (var keys in Audiences())
        {
            contents.Add(Json(await ContentSealer.SealAsync(
                Draft(keys.Length == 1 ? ["iran"] : ["iran", "oman"]),
                signer,
                [.. keys.Select(key => key.Public)],
                HpkeKeyEncryption.Instance,
                TestContext.Current.CancellationToken)));
        }
        var opened = (await RunAsync("open", new JsonObject
        {
            ["contents"] = contents,
            ["keys"] = new JsonArray(Json(_iran.ToJson()), Json(_oman.ToJson()), Json(_samples.Oman.ToJson())),
        })).AsArray();

        // Each hybrid entry by both peers, the one on P-256 by jose.
        Assert.Equal(2 + 4 + 3, opened.Count);
        foreach (var plaintext in opened)
        {
            Assert.True(Plaintext.TryRead(StrictBase64Url.Decode((string)plaintext!), out var read));
            Assert.Equal(Draft([]).Body.ToArray(), read.Body.ToArray());
        }
    }

    // One alone, two of a kind, and one beside a key on P-256.
    private PrivateJwk[][] Audiences() => [[_iran], [_iran, _oman], [_iran, _samples.Oman]];

    private static StatementDraft Draft(string[] audience) => new()
    {
        Id = Samples.FirstId,
        Audience = audience,
        ContentType = "text/plain",
        Body = "said by us, naïvely"u8.ToArray(),
    };

    private static JsonNode Json(byte[] json) => JsonNode.Parse(json)!;

    private async Task<JsonNode> RunAsync(string mode, JsonObject input)
    {
        var (from, to) = (Path.Combine(_folder, "input.json"), Path.Combine(_folder, "output.json"));
        await File.WriteAllTextAsync(from, input.ToJsonString(), TestContext.Current.CancellationToken);
        var result = await NodeRunner.RunAsync(Packages, Script, [mode, from, to], null, TestContext.Current.CancellationToken);
        result.AssertSucceeded();
        return Json(await File.ReadAllBytesAsync(to, TestContext.Current.CancellationToken));
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Merkle;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Ledger;

/// <summary>Bundles of prekeys, claims of them, and the entries they come into.</summary>
public sealed class PrekeyTests : IDisposable
{
    private static readonly PrivateJwk[] Keys = [.. Enumerable.Range(0, 5).Select(_ => PrivateJwk.Generate(JwkKind.P256, "point"))];

    private readonly PrivateJwk _iran = PrivateJwk.Generate(JwkKind.P256, "iran#1");
    private readonly PrivateJwk _us = PrivateJwk.Generate(JwkKind.P256, "us#1");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _iran.Dispose();
        _us.Dispose();
    }

    [Fact]
    public async Task SignAsync_OfABundle_IsReadBackAndVerifies()
    {
        var bundle = await BundleAsync();
        Assert.True(PrekeyBundle.TryParse(bundle.Bytes.Span, out var read, out var fault, out var detail), detail);
        Assert.Equal(
            ("doha-2026", "iran", 3L, 7L, 3, "iran#1", bundle.Digest, PrekeyFault.None),
            (read.Negotiation, read.Delegation, read.Number, read.First, read.OneTime.Length, read.KeyId, read.Digest, fault));
        Assert.Equal((Samples.Issued, Samples.Issued.AddDays(2)), (read.IssuedAt, read.ExpiresAt));
        Assert.Equal("iran#session-3", read.Session.KeyId);
        Assert.Equal(["iran#once-7", "iran#once-8", "iran#once-9"], read.OneTime.Select(key => key.KeyId));
        Assert.Equal([null, "iran#once-7", "iran#once-9", null], new long[] { 6, 7, 9, 10 }.Select(id => read.Find(id)?.KeyId));
        Assert.Equal(PrekeyFault.None, read.Verify(Document(), out _));
        var foreign = await BundleAsync(json => json["negotiation"] = "oslo-2026");
        Assert.Equal(PrekeyFault.OtherNegotiation, foreign.Verify(Document(), out _));
    }

    [Fact]
    public async Task Verify_ByAnotherKey_Fails()
    {
        using var other = PrivateJwk.Generate(JwkKind.P256, "iran#1");
        Assert.Equal(PrekeyFault.BadSignature, (await BundleAsync(key: other)).Verify(Document(), out _));
        using var unknown = PrivateJwk.Generate(JwkKind.P256, "iran#2");
        Assert.Equal(PrekeyFault.UnknownKey, (await BundleAsync(key: unknown)).Verify(Document(), out _));
        Assert.Equal(PrekeyFault.BadSignature, (await ClaimAsync(new LocalSigner(_iran, "us#1"), [1])).Verify(Document(), out _));
    }

    [Fact]
    public async Task SignAsync_OfHybridKeysWithEverythingOfFullLength_FitsTwelve()
    {
        var name = new string('n', RelayName.MaxLength);
        using var signer = new LocalSigner(_iran, $"{name}#999999999");
        var first = EnvelopeId.MaxSequence - PrekeyBundle.MaxHybridOneTime;
        var draft = new PrekeyBundleDraft
        {
            Negotiation = name,
            Number = EnvelopeId.MaxSequence,
            IssuedAt = DateTimeOffset.MaxValue.AddDays(-14),
            ExpiresAt = DateTimeOffset.MaxValue,
            Session = Hybrid(PrekeyBundle.SessionKeyId(name, EnvelopeId.MaxSequence)),
            OneTime =
            [
                .. Enumerable.Range(0, PrekeyBundle.MaxHybridOneTime).Select(i => Hybrid(PrekeyBundle.OneTimeKeyId(name, first + i))),
            ],
        };
        var bundle = await PrekeyBundle.SignAsync(draft, signer, Cancel);
        Assert.InRange(bundle.Bytes.Length, 30_000, PrekeyBundle.MaxBytes);
        Assert.Equal(JwkKind.MlKem768P256, bundle.OneTime[^1].Kind);
        Assert.True(PrekeyBundle.TryParse(bundle.Bytes.Span, out var read, out _, out var detail), detail);
        Assert.Equal(bundle.Session.Thumbprint(), read.Session.Thumbprint());

        // One kind for all of a bundle, whichever it is.
        using var point = PrivateJwk.Generate(JwkKind.P256, "point");
        var mixed = draft with { OneTime = [Named(point.Public, PrekeyBundle.OneTimeKeyId(name, 1))] };
        var thrown = await Assert.ThrowsAsync<ArgumentException>(async () => await PrekeyBundle.SignAsync(mixed, signer, Cancel));
        Assert.Contains("expected keys of one kind, MlKem768P256 as the session's, got P256", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignAsync_WithEverythingOfFullLength_FitsWithRoomToSpare()
    {
        var name = new string('n', RelayName.MaxLength);
        using var signer = new LocalSigner(_iran, $"{name}#999999999");
        var first = EnvelopeId.MaxSequence - PrekeyBundle.MaxOneTime + 1;
        var points = Enumerable.Range(0, PrekeyBundle.MaxOneTime + 1).Select(_ =>
        {
            using var key = PrivateJwk.Generate(JwkKind.P256, "point");
            return key.Public;
        }).ToList();
        var bundle = await PrekeyBundle.SignAsync(
            new PrekeyBundleDraft
            {
                Negotiation = name,
                Number = EnvelopeId.MaxSequence,
                IssuedAt = DateTimeOffset.MaxValue.AddDays(-14),
                ExpiresAt = DateTimeOffset.MaxValue,
                Session = Named(points[0], PrekeyBundle.SessionKeyId(name, EnvelopeId.MaxSequence)),
                OneTime = [.. points.Skip(1).Select((point, i) => Named(point, PrekeyBundle.OneTimeKeyId(name, first + i)))],
            },
            signer,
            Cancel);
        Assert.InRange(bundle.Bytes.Length, 28_000, PrekeyBundle.MaxBytes - 1_000);
        var entry = new PrekeysEntry { Bundle = bundle, Policy = default, Previous = MerkleHash.MaxSize, At = DateTimeOffset.MaxValue };
        Assert.InRange(entry.ToBytes().Length, 28_000, LedgerEntry.MaxBytes);
        var ids = Enumerable.Range(0, PrekeyClaim.MaxEnvelopes).Select(i => new EnvelopeId(name, name, Lane.Urgent, first + i)).ToList();
        var claim = await PrekeyClaim.SignAsync(new string('t', RelayName.MaxLength), ids, DateTimeOffset.MaxValue, signer, Cancel);
        Assert.InRange(claim.Bytes.Length, 16_000, PrekeyClaim.MaxBytes - 1_000);
        Assert.InRange(Claimed(claim, new string('n', 100)).ToBytes().Length, 16_000, LedgerEntry.MaxBytes);
    }

    public static TheoryData<string, Action<JsonObject>, PrekeyFault> Bundles => new()
    {
        { "unknown member", json => json["note"] = "", PrekeyFault.BadMembers },
        { "no session", json => json.Remove("session"), PrekeyFault.BadMembers },
        { "negotiation", json => json["negotiation"] = "Doha", PrekeyFault.BadName },
        { "another's", json => json["delegation"] = "us", PrekeyFault.BadName },
        { "number zero", json => json["number"] = 0, PrekeyFault.BadNumber },
        { "number text", json => json["number"] = "3", PrekeyFault.BadNumber },
        { "number too great", json => json["number"] = 9_007_199_254_740_992, PrekeyFault.BadNumber },
        { "ends before", json => json["expires"] = (long)json["issued"]!, PrekeyFault.BadTime },
        { "too long", json => json["expires"] = (long)json["issued"]! + 14 * 86_400 + 1, PrekeyFault.BadTime },
        { "as long as may be", json => json["expires"] = (long)json["issued"]! + 14 * 86_400, PrekeyFault.None },
        { "fraction", json => json["expires"] = 1795348801.5, PrekeyFault.BadTime },
        { "session of another bundle", json => json["session"]!["kid"] = "iran#session-4", PrekeyFault.BadKey },
        { "session private", json => json["session"]!["d"] = json["session"]!["x"]!.DeepClone(), PrekeyFault.BadKey },
        { "session off curve", json => json["session"]!["y"] = json["session"]!["x"]!.DeepClone(), PrekeyFault.BadKey },
        { "session with use", json => json["session"]!["use"] = "enc", PrekeyFault.BadKey },
        { "no list", json => json["oneTime"] = new JsonObject(), PrekeyFault.BadOneTime },
        { "none", json => json["oneTime"] = new JsonArray(), PrekeyFault.None },
        { "a hole", json => json["oneTime"]!.AsArray().RemoveAt(1), PrekeyFault.BadOneTime },
        { "id zero", json => json["oneTime"]![0]!["kid"] = "iran#once-0", PrekeyFault.BadKey },
        { "id of another", json => json["oneTime"]![0]!["kid"] = "us#once-7", PrekeyFault.BadKey },
        { "identity key's name", json => json["oneTime"]![0]!["kid"] = "iran#1", PrekeyFault.BadKey },
        { "id with zeros", json => json["oneTime"]![0]!["kid"] = "iran#once-07", PrekeyFault.BadKey },
        { "one point twice", json => Repeat(json, json["oneTime"]![0]!), PrekeyFault.BadKey },
        { "the session's point", json => Repeat(json, json["session"]!), PrekeyFault.BadKey },
    };

    [Theory]
    [MemberData(nameof(Bundles))]
    public async Task TryParse_OfABundle_HasItsFault(string row, Action<JsonObject> change, PrekeyFault expected)
    {
        var bundle = await BundleTextAsync(change);
        var isRead = PrekeyBundle.TryParse(bundle, out _, out var fault, out var detail);
        Assert.True((isRead, fault) == (expected == PrekeyFault.None, expected), $"{row}: {fault} {detail}");
        Assert.Equal(expected == PrekeyFault.None, detail.Length == 0);
    }

    public static TheoryData<string, string, PrekeyFault> Claims => new()
    {
        { "a claim", ClaimText("\"doha-2026/us/normal/1\",\"doha-2026/us/urgent/1\""), PrekeyFault.None },
        { "none", ClaimText(""), PrekeyFault.BadEnvelopes },
        {
            "101",
            ClaimText(string.Join(',', Enumerable.Range(1, 101).Select(i => $"\"doha-2026/us/normal/{i}\""))),
            PrekeyFault.BadEnvelopes
        },
        { "twice", ClaimText("\"doha-2026/us/normal/1\",\"doha-2026/us/normal/1\""), PrekeyFault.BadEnvelopes },
        { "two negotiations", ClaimText("\"doha-2026/us/normal/1\",\"oslo-2026/us/normal/1\""), PrekeyFault.BadEnvelopes },
        { "another's envelope", ClaimText("\"doha-2026/iran/normal/1\""), PrekeyFault.BadEnvelopes },
        { "no id", ClaimText("\"1\""), PrekeyFault.BadEnvelopes },
        { "a number", ClaimText("1"), PrekeyFault.BadEnvelopes },
        { "of oneself", ClaimText("\"doha-2026/us/normal/1\"", "us"), PrekeyFault.BadName },
        { "no name", ClaimText("\"doha-2026/us/normal/1\"", "Iran"), PrekeyFault.BadName },
        { "iat text", ClaimText("\"doha-2026/us/normal/1\"", iat: "\"1\""), PrekeyFault.BadTime },
        { "more", ClaimText("\"doha-2026/us/normal/1\"", iat: "1,\"more\":1"), PrekeyFault.BadMembers },
        { "twice a member", ClaimText("\"doha-2026/us/normal/1\"", iat: "1,\"iat\":1"), PrekeyFault.NotJson },
        { "no object", "[]", PrekeyFault.BadMembers },
        { "no json", "claim", PrekeyFault.NotJson },
    };

    [Theory]
    [MemberData(nameof(Claims))]
    public void TryParse_OfAClaim_HasItsFault(string row, string payload, PrekeyFault expected)
    {
        var text = Compact("""{"alg":"ES256","kid":"us#1","typ":"relay-claim"}""", payload);
        Assert.Equal(expected == PrekeyFault.None, PrekeyClaim.TryParse(Samples.Ascii(text), out _, out var fault, out var detail));
        Assert.True(fault == expected, $"{row}: {fault} {detail}");
    }

    [Theory]
    [InlineData("""{"alg":"ES256","kid":"us#1","typ":"relay-prekeys"}""", PrekeyFault.BadHeader)]
    [InlineData("""{"alg":"none","kid":"us#1","typ":"relay-claim"}""", PrekeyFault.BadHeader)]
    [InlineData("""{"alg":"ES256","kid":"us#once-1","typ":"relay-claim"}""", PrekeyFault.BadHeader)]
    [InlineData("""{"alg":"ES256","kid":"us#1","typ":"relay-claim","crit":[]}""", PrekeyFault.BadHeader)]
    public void TryParse_OfAnotherHeader_IsRefused(string header, PrekeyFault expected)
    {
        var text = Samples.Ascii(Compact(header, ClaimText("\"doha-2026/us/normal/1\"")));
        Assert.False(PrekeyClaim.TryParse(text, out _, out var fault, out _));
        Assert.Equal(expected, fault);
        Assert.False(PrekeyClaim.TryParse(text.AsSpan(1), out _, out fault, out _));
        Assert.False(PrekeyClaim.TryParse(new byte[PrekeyClaim.MaxBytes + 1], out _, out fault, out _));
        Assert.Equal(PrekeyFault.Oversize, fault);
    }

    [Fact]
    public async Task Verify_OfAClaimAgainstTheRoutes_IsRouteForbidden()
    {
        using var us = new LocalSigner(_us);
        using var iran = new LocalSigner(_iran);
        Assert.Equal(PrekeyFault.None, (await ClaimAsync(us, [1])).Verify(Document(), out _));
        var back = await PrekeyClaim.SignAsync("us", [new("doha-2026", "iran", Lane.Normal, 1)], Samples.Issued, iran, Cancel);
        Assert.Equal(PrekeyFault.RouteForbidden, back.Verify(Document(), out var detail));
        Assert.Equal("expected a delegation that iran may address, got us", detail);
    }

    [Fact]
    public async Task ClaimEntry_OfMarks_SaysWhichKeysAreWhose()
    {
        using var us = new LocalSigner(_us);
        var claim = await ClaimAsync(us, [4, 5, 6, 7]);
        var entry = Claimed(claim, "nrns");
        Assert.True(LedgerEntry.TryParse(entry.ToBytes(), out var read, out var error), error);
        var claimed = Assert.IsType<ClaimEntry>(read);
        Assert.Equal([7, null, 8, 0L], claim.Envelopes.Select(claimed.KeyOf));
        Assert.Equal([7, 8], claimed.HandedOut.Select(one => one.Key));
        Assert.Null(claimed.KeyOf(new EnvelopeId("doha-2026", "us", Lane.Urgent, 4)));
        foreach (var marks in new[] { "", "nnn", "nnnnn", "nsnn", "rrrr", "nnnx", "NNNN" })
        {
            Assert.Throws<ArgumentException>(() => Claimed(claim, marks).ToBytes());
        }

        var text = Samples.Text(entry.ToBytes()).Split('\n');
        // A key while none is given, none while one is, the session key while keys are left, no bundle, nothing before it.
        foreach (var (line, value) in new[] { (6, "0"), (7, "1"), (7, "101"), (3, "0"), (5, "0"), (8, "ssss"), (8, "rrrs") })
        {
            var changed = string.Join('\n', text[..line].Append(value).Concat(text[(line + 1)..]));
            Assert.False(LedgerEntry.TryParse(Samples.Ascii(changed), out _, out _), changed);
        }
    }

    [Fact]
    public async Task ClaimAnswer_Written_IsReadBack()
    {
        Assert.False(ClaimAnswer.TryParse("{}"u8, out _, out var error));
        Assert.Equal("expected receipts and bundles, at least one of each, got none", error);
        Assert.False(ClaimAnswer.TryParse(ClaimAnswer.Write([], [(await BundleAsync()).Bytes]), out _, out _));
        Assert.False(ClaimAnswer.TryParse("[]"u8, out _, out _));
        Assert.False(ClaimAnswer.TryParse("""{"receipts":["x"],"bundles":[]}"""u8, out _, out _));
    }

    private static ClaimEntry Claimed(PrekeyClaim claim, string marks) => new()
    {
        Policy = default,
        Number = 3,
        Bundle = Digest.Of([1]),
        Previous = 9,
        First = marks.Contains('n', StringComparison.Ordinal) ? 7 : 0,
        Left = 0,
        Marks = marks,
        Claim = claim,
        At = Samples.Issued,
    };

    private static void Repeat(JsonObject json, JsonNode key)
    {
        var name = (string)json["oneTime"]![1]!["kid"]!;
        json["oneTime"]![1] = key.DeepClone();
        json["oneTime"]![1]!["kid"] = name;
    }

    private static string ClaimText(string envelopes, string target = "iran", string iat = "1795348800") =>
        $$"""{"target":"{{target}}","envelopes":[{{envelopes}}],"iat":{{iat}}}""";

    private static string Compact(string header, string payload) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Encode(Samples.Ascii(header))}.{Encode(Samples.Ascii(payload))}.{Encode(new byte[64])}");

    private static string Encode(byte[] bytes) => StrictBase64Url.Encode(bytes);

    private static PublicJwk Hybrid(string keyId)
    {
        using var key = PrivateJwk.Generate(JwkKind.P256, "point");
        var point = key.Public.ToECParameters().Q;
        Assert.True(PublicJwk.TryCreate([.. new byte[1184], 4, .. point.X!, .. point.Y!], keyId, out var hybrid, out var error), error);
        return hybrid;
    }

    private static PublicJwk Named(PublicJwk point, string keyId)
    {
        Assert.True(PublicJwk.TryCreate(point.ToECParameters(), keyId, out var named, out var error), error);
        return named;
    }

    private static ValueTask<PrekeyClaim> ClaimAsync(LocalSigner signer, long[] sequences) => PrekeyClaim.SignAsync(
        "iran", [.. sequences.Select(one => new EnvelopeId("doha-2026", "us", Lane.Normal, one))], Samples.Issued, signer, Cancel);

    private async Task<PrekeyBundle> BundleAsync(Action<JsonObject>? change = null, PrivateJwk? key = null)
    {
        Assert.True(PrekeyBundle.TryParse(await BundleTextAsync(change, key), out var bundle, out _, out var detail), detail);
        return bundle;
    }

    private async Task<byte[]> BundleTextAsync(Action<JsonObject>? change = null, PrivateJwk? key = null)
    {
        using var signer = new LocalSigner(key ?? _iran);
        var bundle = await PrekeyBundle.SignAsync(
            new PrekeyBundleDraft
            {
                Negotiation = "doha-2026",
                Number = 3,
                IssuedAt = Samples.Issued,
                ExpiresAt = Samples.Issued.AddDays(2),
                Session = Named(Keys[0].Public, "iran#session-3"),
                OneTime = [.. Enumerable.Range(1, 3).Select(i => Named(Keys[i].Public, PrekeyBundle.OneTimeKeyId("iran", 6 + i)))],
            },
            signer,
            Cancel);
        if (change is null) return bundle.Bytes.ToArray();
        var parts = Samples.Text(bundle.Bytes.Span).Split('.');
        var payload = JsonNode.Parse(Samples.Text(StrictBase64Url.Decode(parts[1])!))!.AsObject();
        change(payload);
        var text = StrictBase64Url.Encode(System.Text.Encoding.UTF8.GetBytes(payload.ToJsonString()));
        return Samples.Ascii($"{parts[0]}.{text}.{parts[2]}");
    }

    private NegotiationDocument Document()
    {
        var json = JsonNode.Parse(
            """
            { "negotiation": "doha-2026",
              "delegations": { "us": { "topic": "delegation-us" }, "iran": { "topic": "delegation-iran" } },
              "mediators": { "qatar": { "key": "https://kv.vault.azure.net/keys/mediator-qatar", "weight": 1 } },
              "quorum": 1, "routes": [ { "from": "us", "to": ["iran"] } ], "mode": "open", "version": 1 }
            """)!;
        foreach (var (name, key) in new[] { ("us", _us), ("iran", _iran) })
        {
            json["delegations"]![name]!["identityKeys"] = new JsonArray(JsonNode.Parse(Samples.Text(key.Public.ToJson())));
        }

        Assert.True(
            NegotiationDocument.TryParse(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), out var document, out var errors),
            string.Join("; ", errors));
        return document;
    }
}

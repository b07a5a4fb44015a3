using System.Text;
using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Cli.Demo;

/// <summary>
/// One envelope of every kind that the relay must refuse, each a genuine envelope of the cast with one thing wrong. Needs mediators
/// <c>qatar</c> (weight 2), <c>oman</c> and <c>swiss</c> (1 each), quorum 3, and delegations <c>us</c> and <c>iran</c>.
/// </summary>
/// <param name="cast">Who takes part.</param>
/// <param name="stream">Stream of <c>us</c>, whose next statement each envelope pretends to be.</param>
/// <param name="noRoute">Stream of <c>iran</c> in a negotiation of the same mediators where it may not address <c>us</c>.</param>
/// <param name="ownsVault">The cast may make and disable keys; without it, two kinds are left out.</param>
internal sealed class HostileEnvelopes(Cast cast, SenderStream stream, SenderStream noRoute, bool ownsVault)
{
    private const int DepthBomb = 10_000;
    private const int TooManyBytes = 300 * 1024;
    private static readonly string[] ToIran = ["iran"];

    private IJwsSigner Qatar => cast.Mediators["qatar"];

    private IJwsSigner Oman => cast.Mediators["oman"];

    public async Task<IReadOnlyList<HostileEnvelope>> MakeAsync(CancellationToken cancellationToken)
    {
        var good = await DraftAsync(static draft => draft, cancellationToken);
        var wire = await SignedAsync(good, cancellationToken, Qatar, Oman);
        return
        [
            .. Malformed(wire),
            .. await BadHeadersAsync(good, cancellationToken),
            .. await BadSignaturesAsync(good, wire, cancellationToken),
            .. ownsVault ? await BadKeysAsync(good, cancellationToken) : [],
            .. await BadPoliciesAsync(cancellationToken),
        ];
    }

    private static IEnumerable<HostileEnvelope> Malformed(byte[] wire)
    {
        var text = Encoding.UTF8.GetString(wire);
        yield return new("not JSON", "not-json", "The parties met in Doha."u8.ToArray());
        yield return new("duplicate member", "duplicate-member", Encoding.UTF8.GetBytes("{\"payload\":\"e30\"," + text[1..]));
        yield return new(
            "depth bomb",
            "too-complex",
            Encoding.UTF8.GetBytes($"{{\"x\":{new string('[', DepthBomb)}{new string(']', DepthBomb)},{text[1..]}"));
        yield return new("300 KiB", "oversize", Encoding.UTF8.GetBytes($"{{\"x\":\"{new string('x', TooManyBytes)}\",{text[1..]}"));
    }

    private async Task<IEnumerable<HostileEnvelope>> BadHeadersAsync(SealedEnvelope good, CancellationToken cancellationToken)
    {
        var wrongType = RawJws.Header(Qatar);
        wrongType["typ"] = "JOSE";
        var none = RawJws.Header(Qatar);
        none["alg"] = "none";
        var mismatch = RawJws.Header(Qatar);
        mismatch["alg"] = "ES384";
        return
        [
            new("wrong typ", "wrong-type", (await new RawJws(good).SignAsync(Qatar, wrongType, cancellationToken)).ToWire()),
            new(
                "alg none",
                "unsupported-algorithm",
                new RawJws(good).Add(StrictBase64Url.Encode(Encoding.UTF8.GetBytes(none.ToJsonString())), []).ToWire()),
            new("alg not fitting the key", "algorithm-mismatch", await WithOmanAsync(good, mismatch, cancellationToken)),
        ];
    }

    // 96 bytes, as ES384 would have them: the key decides, not the length.
    private async Task<byte[]> WithOmanAsync(SealedEnvelope good, JsonObject header, CancellationToken cancellationToken) =>
        (await new RawJws(good)
            .Add(StrictBase64Url.Encode(Encoding.UTF8.GetBytes(header.ToJsonString())), new byte[96])
            .SignAsync(Oman, RawJws.Header(Oman), cancellationToken)).ToWire();

    private async Task<IEnumerable<HostileEnvelope>> BadSignaturesAsync(
        SealedEnvelope good, byte[] wire, CancellationToken cancellationToken)
    {
        return
        [
            new(
                "one bit flipped in the head",
                "bad-signature",
                Flip(wire, root => root["payload"]!, (value, set) => set(FlipInExpiry(value)))),
            new(
                "one bit flipped in the content",
                "wrong-content",
                Flip(wire, root => root["content"]!, (value, set) => set(FlipInCiphertext(value)))),
            new(
                "one bit flipped in a header",
                "unknown-mediator",
                Flip(wire, root => root["signatures"]![0]!["protected"]!, (value, set) => set(FlipInKeyName(value)))),
            new(
                "one bit flipped in a signature",
                "bad-signature",
                Flip(wire, root => root["signatures"]![0]!["signature"]!, (value, set) => set(FlipFirstByte(value)))),
            // Of a weight that would not do either: with one that counts it would be kept for others to sign.
            new(
                "no signature that counts, below quorum",
                "quorum-not-met",
                FlipBothSignatures(await SignedAsync(good, cancellationToken, Oman, cast.Mediators["swiss"]))),
            new("same mediator twice", "mediator-repeated", await SignedAsync(good, cancellationToken, Qatar, Qatar)),
            new("signature of another mediator's batch", "bad-signature", await WithBatchOfOmanAsync(good, cancellationToken)),
        ];
    }

    // The path leads to a root that was signed, over this very head: but the leaf has Oman's header in it, and the root is Oman's.
    private async Task<byte[]> WithBatchOfOmanAsync(SealedEnvelope good, CancellationToken cancellationToken)
    {
        var batch = await HeadBatch.SignAsync([good.Head, good.Head], Oman, cancellationToken);
        var header = RawJws.Header(Qatar);
        header["alg"] = JwsAlgorithm.MTES256.Name();
        return (await new RawJws(good)
            .Add(StrictBase64Url.Encode(Encoding.UTF8.GetBytes(header.ToJsonString())), batch[0].Signatures[0].Value.ToArray())
            .SignAsync(Oman, RawJws.Header(Oman), cancellationToken)).ToWire();
    }

    private async Task<IEnumerable<HostileEnvelope>> BadKeysAsync(SealedEnvelope good, CancellationToken cancellationToken)
    {
        var stranger = await cast.StrangerAsync(cancellationToken);
        var disabled = await cast.WithVersionDisabledAfterwardsAsync(
            "qatar", signer => SignedAsync(good, cancellationToken, signer, Oman), cancellationToken);
        return
        [
            new("unknown mediator", "unknown-mediator", await SignedAsync(good, cancellationToken, stranger, Oman)),
            new("signature from a disabled key version", "key-disabled", disabled),
        ];
    }

    private async Task<IEnumerable<HostileEnvelope>> BadPoliciesAsync(CancellationToken cancellationToken)
    {
        var elsewhere = await DraftAsync(
            static draft => draft with { Id = draft.Id with { Negotiation = "geneva-1955" } }, cancellationToken);
        var outsider = await DraftAsync(static draft => draft with { Id = draft.Id with { Sender = "atlantis" } }, cancellationToken);
        var toOutsider = await stream.DraftAsync(["atlantis"], "To nobody.", static draft => draft, cancellationToken);
        var unrouted = await noRoute.DraftAsync(["us"], "May I?", static draft => draft, cancellationToken);
        var expired = await DraftAsync(
            static draft =>
                draft with { IssuedAt = draft.IssuedAt - TimeSpan.FromHours(2), ExpiresAt = draft.IssuedAt - TimeSpan.FromHours(1) },
                cancellationToken);
        var early = await DraftAsync(
            static draft =>
                draft with { IssuedAt = draft.IssuedAt + TimeSpan.FromMinutes(10), ExpiresAt = draft.ExpiresAt + TimeSpan.FromMinutes(10) },
                cancellationToken);
        return
        [
            new("unknown negotiation", "unknown-negotiation", await SignedAsync(elsewhere, cancellationToken, Qatar, Oman)),
            new("sender not a member", "sender-not-a-member", await SignedAsync(outsider, cancellationToken, Qatar, Oman)),
            new("addressee not a member", "addressee-not-a-member", await SignedAsync(toOutsider, cancellationToken, Qatar, Oman)),
            new("route forbidden", "route-forbidden", await SignedAsync(unrouted, cancellationToken, Qatar, Oman)),
            new("expired", "expired", await SignedAsync(expired, cancellationToken, Qatar, Oman)),
            new("issued in the future", "not-yet-issued", await SignedAsync(early, cancellationToken, Qatar, Oman)),
        ];
    }

    private Task<SealedEnvelope> DraftAsync(Func<EnvelopeDraft, EnvelopeDraft> bend, CancellationToken cancellationToken) =>
        stream.DraftAsync(ToIran, "Never to be delivered.", bend, cancellationToken);

    private static async Task<byte[]> SignedAsync(SealedEnvelope envelope, CancellationToken cancellationToken, params IJwsSigner[] signers)
    {
        // Not EnvelopeBuilder: it may refuse what is to be tried here, such as one mediator signing twice.
        var jws = new RawJws(envelope);
        foreach (var signer in signers)
        {
            await jws.SignAsync(signer, RawJws.Header(signer), cancellationToken);
        }

        return jws.ToWire();
    }

    private static byte[] FlipBothSignatures(byte[] wire)
    {
        for (var i = 0; i < 2; i++)
        {
            var place = i;
            wire = Flip(wire, root => root["signatures"]![place]!["signature"]!, (value, set) => set(FlipFirstByte(value)));
        }

        return wire;
    }

    private static byte[] Flip(byte[] wire, Func<JsonNode, JsonNode> find, Action<byte[], Action<byte[]>> flip)
    {
        var root = JsonNode.Parse(wire)!;
        var node = find(root);
        flip(StrictBase64Url.Decode(node.GetValue<string>())!, changed => node.ReplaceWith(StrictBase64Url.Encode(changed)));
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static byte[] FlipFirstByte(byte[] signature)
    {
        signature[0] ^= 1;
        return signature;
    }

    // The last of ten digits: a second more or less, and everything else as it was.
    private static byte[] FlipInExpiry(byte[] head)
    {
        head[head.AsSpan().IndexOf("\"exp\":"u8) + "\"exp\":".Length + 9] ^= 1;
        return head;
    }

    // Inside "ciphertext":"..." any other base64url character leaves
    // well-formed JSON: '0' and '1' differ in one bit, so do 'A' and 'C', ...
    private static byte[] FlipInCiphertext(byte[] content) =>
        FlipAfter(content, "\"ciphertext\":\""u8, static b => char.IsAsciiLetterOrDigit((char)b));

    // Inside the name of the key one letter becomes another: a key that nobody has.
    private static byte[] FlipInKeyName(byte[] header) =>
        FlipAfter(header, "/keys/mediator-"u8, static b => char.IsAsciiLetterLower((char)b));

    private static byte[] FlipAfter(byte[] bytes, ReadOnlySpan<byte> marker, Func<byte, bool> stillFits)
    {
        for (var i = bytes.AsSpan().IndexOf(marker) + marker.Length; ; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var changed = (byte)(bytes[i] ^ (1 << bit));
                if (stillFits(bytes[i]) && stillFits(changed))
                {
                    bytes[i] = changed;
                    return bytes;
                }
            }
        }
    }
}

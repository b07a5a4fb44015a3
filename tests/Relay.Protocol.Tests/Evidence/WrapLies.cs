using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>Contents that one of their addressees cannot open, logged with a quorum, and what that addressee shows of them.</summary>
internal sealed class WrapLies(EvidenceSamples samples)
{
    /// <summary>Another key for iran, none at all, another text, and a direct one whose tag does not fit.</summary>
    public async Task<EvidenceFile[]> MakeAsync(int size) =>
    [
        await OfAsync(size, await SealedAsync(jwe => Rewrap(jwe, RandomNumberGenerator.GetBytes(ContentCipher.KeySize)))),
        await OfAsync(size, await SealedAsync(jwe => Iran(jwe)["encrypted_key"] = StrictBase64Url.Encode(new byte[40]))),
        await OfAsync(size, await SealedAsync(jwe => jwe["tag"] = StrictBase64Url.Encode(new byte[ContentCipher.TagSize]), "iran")),
        await OfAsync(size, await SealedAsync(jwe => jwe["iv"] = StrictBase64Url.Encode(new byte[ContentCipher.IvSize]))),
    ];

    /// <summary>What would be shown of a content that opens.</summary>
    public async Task<EvidenceFile> HonestAsync(int size) => await OfAsync(size, await SealedAsync(_ => { }));

    /// <summary>Of a text of so many bytes.</summary>
    public async Task<EvidenceFile> LongAsync(int size, int body) =>
        await OfAsync(size, await SealedAsync(jwe => jwe["iv"] = "AAAAAAAAAAAAAAAA", new string('x', body), []));

    /// <summary>Seals to the audience, of which iran has the key of the document, and changes what was made.</summary>
    public static Task<SealedEnvelope> SealedAsync(Action<JsonObject> change, params string[] audience) =>
        SealedAsync(change, "hello", audience);

    private static async Task<SealedEnvelope> SealedAsync(Action<JsonObject> change, string body, string[] audience)
    {
        using var own = new Samples();
        if (audience.Length == 0) audience = ["iran", "oman"];
        var recipients = audience.Select(name => name == "iran" ? EvidenceSamples.Encryption.Public : own.Oman.Public).ToList();
        var jwe = JsonNode.Parse(await own.SealAsync(recipients, body, audience: audience))!.AsObject();
        change(jwe);
        return Samples.Sealed(Samples.Utf8(jwe.ToJsonString()), audience: audience);
    }

    /// <summary>The file about an envelope at index 4 of a tree.</summary>
    public async Task<EvidenceFile> OfAsync(int size, SealedEnvelope envelope, EvidenceWrap? wrap = null, params string[] mediators)
    {
        Assert.True(ContentOpener.TryProve(envelope, [EvidenceSamples.Encryption], out var keyId, out var proof));
        var entry = await samples.EntryAsync(envelope.Head, mediators: mediators);
        var tree = await samples.TreeAsync(size, (4, entry.ToBytes()));
        return EvidenceFile.Create(LieKind.WrongWrap, [tree], wrap: wrap ?? new EvidenceWrap(envelope.Content, keyId, proof));
    }

    private static JsonObject Iran(JsonObject jwe) =>
        jwe["recipients"]!.AsArray().Single(one => (string)one!["header"]!["kid"]! == EvidenceSamples.Encryption.KeyId)!.AsObject();

    // As its addressee can, who knows the same key encryption key.
    private static void Rewrap(JsonObject jwe, byte[] contentKey)
    {
        Assert.True(
            JweContent.TryRead(Samples.Utf8(jwe.ToJsonString()), 1 << 20, out var content, out _, out var detail), detail);
        var recipient = content.Recipients.Single(one => one.KeyId == EvidenceSamples.Encryption.KeyId);
        using var key = EvidenceSamples.Encryption.CreateECDiffieHellman();
        using var ephemeral = ECDiffieHellman.Create(recipient.EphemeralKey!.ToECParameters());
        using var other = ephemeral.PublicKey;
        var agreed = new byte[EcdhEs.KeySize];
        EcdhEs.DeriveKey(key, other, JweNames.DerivationId(false), agreed);
        Iran(jwe)["encrypted_key"] = StrictBase64Url.Encode(AesKeyWrap.Wrap(agreed, contentKey));
    }
}

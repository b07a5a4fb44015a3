using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests;

/// <summary>One small negotiation with its keys: us and iran, mediators qatar (2), oman (1), swiss (1), quorum 3.</summary>
internal sealed class Samples : IDisposable
{
    public const string KeyVersion = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

    public static readonly DateTimeOffset Issued = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static readonly EnvelopeId FirstId = new("doha-2026", "us", Lane.Normal, 1);

    public PrivateJwk Identity { get; } = PrivateJwk.Generate(JwkKind.P256, "us#1");

    public PrivateJwk Iran { get; } = PrivateJwk.Generate(JwkKind.P256, "iran/session-1");

    public PrivateJwk Oman { get; } = PrivateJwk.Generate(JwkKind.P256, "oman/session-1");

    public PrivateJwk Mediator { get; } = PrivateJwk.Generate(JwkKind.P256, KeyId("qatar"));

    public static string KeyId(string mediator) => $"https://kv.vault.azure.net/keys/mediator-{mediator}/{KeyVersion}";

    public static byte[] Ascii(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    public static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8);

    public static EnvelopeDraft Draft(long sequence = 1) => new()
    {
        Id = FirstId with { Sequence = sequence },
        Audience = ["iran"],
        Previous = sequence == 1 ? null : Digest.Of([1]),
        IssuedAt = Issued,
        ExpiresAt = Issued.AddHours(1),
        Content = Utf8("""{"ciphertext":"AAAA"}"""),
    };

    public async Task<byte[]> WireAsync(SealedEnvelope? envelope = null)
    {
        using var signer = new LocalSigner(Mediator);
        var builder = new EnvelopeBuilder(envelope ?? SealedEnvelope.Create(Draft()));
        await builder.SignAsync(signer, TestContext.Current.CancellationToken);
        return builder.ToWire();
    }

    /// <summary>A General JWS with one signature of anything: no key vouches for it, which the parser does not ask.</summary>
    public static string Wire(string head, string header = "", string extra = "", string signatureExtra = "", string? content = null)
    {
        header = header.Length > 0 ? header : $$"""{"alg":"ES256","kid":"{{KeyId("qatar")}}","typ":"relay-envelope"}""";
        content = Base64Url(content ?? Text(Draft().Content.Span));
        return $$"""{"payload":"{{Base64Url(head)}}","content":"{{content}}","signatures":[{"protected":"{{Base64Url(header)}}","signature":"{{StrictBase64Url.Encode(new byte[64])}}"{{signatureExtra}}}]{{extra}}}""";
    }

    public static string Base64Url(string text) => StrictBase64Url.Encode(Utf8(text));

    public Task<byte[]> SealAsync(
        IReadOnlyList<PublicJwk> recipients, string body = "hello", EnvelopeId? id = null, IReadOnlyList<string>? audience = null)
    {
        var draft = new StatementDraft
        {
            Id = id ?? FirstId,
            Audience = audience ?? (recipients.Count == 1 ? ["iran"] : ["iran", "oman"]),
            ContentType = "text/plain",
            Body = Utf8(body),
        };
        return SealAsync(draft, recipients);
    }

    public async Task<byte[]> SealAsync(StatementDraft draft, IReadOnlyList<PublicJwk> recipients)
    {
        using var signer = new LocalSigner(Identity);
        return await ContentSealer.SealAsync(draft, signer, recipients, TestContext.Current.CancellationToken);
    }

    public static SealedEnvelope Sealed(byte[] content, EnvelopeId? id = null, IReadOnlyList<string>? audience = null) =>
        SealedEnvelope.Create(Draft() with { Id = id ?? FirstId, Audience = audience ?? ["iran"], Content = content });

    public IdentityKey SenderKey()
    {
        Assert.True(VerificationKey.TryCreate(Identity.Public, out var key, out var error), error);
        return new IdentityKey(Identity.KeyId, key);
    }

    public void Dispose()
    {
        Identity.Dispose();
        Iran.Dispose();
        Oman.Dispose();
        Mediator.Dispose();
    }
}

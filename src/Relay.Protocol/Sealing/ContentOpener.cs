using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Sealing;

/// <summary>Decrypts an envelope's content and checks the statement inside.</summary>
public static class ContentOpener
{
    /// <summary>Opens. Never throws on bad input.</summary>
    /// <param name="payload">The envelope's payload, its mediators' signatures already verified by the caller.</param>
    /// <param name="keys">The recipient's private keys, P-256.</param>
    /// <param name="senderKeys">The sender's identity keys, from the negotiation document.</param>
    /// <param name="statement">Null when false.</param>
    /// <param name="fault">Why not; <see cref="SealingFault.None"/> when true.</param>
    /// <param name="detail">What was expected and what came, without content or keys; empty when true.</param>
    public static bool TryOpen(
        EnvelopePayload payload,
        IReadOnlyCollection<PrivateJwk> keys,
        IReadOnlyCollection<IdentityKey> senderKeys,
        [NotNullWhen(true)] out Statement? statement,
        out SealingFault fault,
        out string detail)
    {
        ArgumentNullException.ThrowIfNull(payload);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(senderKeys);
        statement = null;
        if (!JweContent.TryRead(payload.Content.Span, payload.Content.Length, out var content, out fault, out detail)) return false;
        var plaintext = new byte[content.Ciphertext.Length];
        try
        {
            fault = Decrypt(content, payload.Id, keys, plaintext, out detail);
            if (fault == SealingFault.None) fault = ReadStatement(plaintext, payload, senderKeys, out statement, out detail);
            return statement is not null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private static SealingFault Decrypt(
        JweContent content, EnvelopeId id, IReadOnlyCollection<PrivateJwk> keys, byte[] plaintext, out string detail)
    {
        var expected = StrictBase64Url.EncodeToUtf8(System.Text.Encoding.ASCII.GetBytes(id.ToString()));
        if (!content.AadText.AsSpan().SequenceEqual(expected))
        {
            detail = $"expected 'aad' to be the id {id} of this envelope, got another";
            return SealingFault.WrongEnvelope;
        }
        if (!TryMatch(content, keys, out var recipient, out var key))
        {
            detail = $"expected a recipient key that is held here, got {content.Recipients.Count} others";
            return SealingFault.NoMatchingKey;
        }
        Span<byte> agreed = stackalloc byte[EcdhEs.KeySize];
        Span<byte> contentKey = stackalloc byte[ContentCipher.KeySize];
        try
        {
            Agree(key, recipient, agreed);
            if (recipient.IsDirect)
            {
                agreed.CopyTo(contentKey);
            }
            else if (!AesKeyWrap.TryUnwrap(agreed, recipient.EncryptedKey, contentKey))
            {
                detail = $"expected a content key wrapped for {key.KeyId}, got one that does not unwrap";
                return SealingFault.KeyUnwrapFailed;
            }
            var associated = new byte[content.HeaderText.Length + 1 + content.AadText.Length];
            EnvelopeSignature.WriteSigningInput(content.HeaderText, content.AadText, associated);
            if (!ContentCipher.TryDecrypt(contentKey, content.Iv, content.Ciphertext, content.Tag, associated, plaintext))
            {
                detail = "expected a ciphertext that its tag fits, got another";
                return SealingFault.DecryptionFailed;
            }
            detail = "";
            return SealingFault.None;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(agreed);
            CryptographicOperations.ZeroMemory(contentKey);
        }
    }

    private static void Agree(PrivateJwk key, JweRecipient recipient, Span<byte> agreed)
    {
        using var own = key.CreateECDiffieHellman();
        using var ephemeral = ECDiffieHellman.Create(recipient.EphemeralKey.ToECParameters());
        using var publicKey = ephemeral.PublicKey;
        EcdhEs.DeriveKey(own, publicKey, JweNames.DerivationId(recipient.IsDirect), agreed);
    }

    private static bool TryMatch(
        JweContent content,
        IReadOnlyCollection<PrivateJwk> keys,
        [NotNullWhen(true)] out JweRecipient? recipient,
        [NotNullWhen(true)] out PrivateJwk? key)
    {
        foreach (var candidate in content.Recipients)
        {
            foreach (var held in keys)
            {
                if (held.Kind != JwkKind.P256 || held.KeyId != candidate.KeyId) continue;
                recipient = candidate;
                key = held;
                return true;
            }
        }
        recipient = null;
        key = null;
        return false;
    }

    private static SealingFault ReadStatement(
        byte[] plaintext, EnvelopePayload payload, IReadOnlyCollection<IdentityKey> senderKeys, out Statement? statement, out string detail)
    {
        statement = null;
        if (!Padme.TryUnpad(plaintext, out var text))
        {
            detail = "expected a length, a statement and zeros up to the padded size, got something else";
            return SealingFault.BadPadding;
        }
        if (!StatementJws.TryRead(text, out var jws, out detail)) return SealingFault.BadStatement;
        if (jws.Id != payload.Id.ToString())
        {
            detail = $"expected a statement for {payload.Id}, got one for {Excerpt.Of(jws.Id)}";
            return SealingFault.StatementForOtherEnvelope;
        }
        if (!jws.Audience.AsSpan().SequenceEqual(payload.Audience.AsSpan()))
        {
            detail = $"expected a statement to {string.Join(", ", payload.Audience)}, got one to others";
            return SealingFault.StatementForOtherAudience;
        }
        if (senderKeys.FirstOrDefault(k => k.KeyId == jws.KeyId) is not { } signer)
        {
            detail = $"expected a statement by an identity key of {payload.Id.Sender}, got {Excerpt.Of(jws.KeyId)}";
            return SealingFault.UnknownSigner;
        }
        if (signer.Key.Verify(JwsAlgorithm.ES256, text[..jws.SigningInputLength], jws.Signature) != SignatureFault.None)
        {
            detail = $"expected a statement signed by {signer.KeyId}, got a signature that does not verify";
            return SealingFault.BadStatementSignature;
        }
        if (jws.DecodeBody(text) is not { } body)
        {
            detail = "expected a body as strict base64url, got something else";
            return SealingFault.BadStatement;
        }
        statement = new Statement(payload.Id, payload.Audience, jws.ContentType, body, jws.KeyId);
        return SealingFault.None;
    }
}

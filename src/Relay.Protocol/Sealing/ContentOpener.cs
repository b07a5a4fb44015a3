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
    /// <summary>Opens with P-256 keys alone, else as the other form. Never throws on bad input.</summary>
    /// <param name="envelope">As there.</param>
    /// <param name="keys">The recipient's private keys, P-256.</param>
    /// <param name="senderKeys">As there.</param>
    /// <param name="statement">Null when false.</param>
    /// <param name="fault">Why not; <see cref="SealingFault.None"/> when true.</param>
    /// <param name="detail">What was expected and what came; empty when true.</param>
    /// <exception cref="ArgumentException">A key is of kind <see cref="JwkKind.MlKem768P256"/>.</exception>
    public static bool TryOpen(
        SealedEnvelope envelope,
        IReadOnlyCollection<PrivateJwk> keys,
        IReadOnlyCollection<IdentityKey> senderKeys,
        [NotNullWhen(true)] out Statement? statement,
        out SealingFault fault,
        out string detail) => TryOpen(envelope, keys, null, senderKeys, out statement, out fault, out detail);

    /// <summary>Opens. Never throws on bad input.</summary>
    /// <param name="envelope">Head and content, the mediators' signatures over the head already verified by the caller.</param>
    /// <param name="keys">The recipient's private keys.</param>
    /// <param name="hpke">What opens for hybrid keys; may be null where none is among <paramref name="keys"/>.</param>
    /// <param name="senderKeys">The sender's identity keys, from the negotiation document.</param>
    /// <param name="statement">Null when false.</param>
    /// <param name="fault">Why not; <see cref="SealingFault.None"/> when true.</param>
    /// <param name="detail">What was expected and what came, without content or keys; empty when true.</param>
    /// <exception cref="ArgumentException">A key is hybrid, and <paramref name="hpke"/> is null.</exception>
    public static bool TryOpen(
        SealedEnvelope envelope,
        IReadOnlyCollection<PrivateJwk> keys,
        IHpkeKeyEncryption? hpke,
        IReadOnlyCollection<IdentityKey> senderKeys,
        [NotNullWhen(true)] out Statement? statement,
        out SealingFault fault,
        out string detail)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(senderKeys);
        if (hpke is null && keys.Any(key => key.Kind == JwkKind.MlKem768P256))
        {
            throw new ArgumentException($"Expected what opens for {JweNames.Hybrid} keys beside them, got null.", nameof(hpke));
        }
        statement = null;
        if (!TryRead(envelope, out var content, out fault, out detail)) return false;
        var padded = new byte[content.Ciphertext.Length];
        try
        {
            fault = Decrypt(content, envelope.Id, keys, hpke, padded, out detail);
            if (fault != SealingFault.None) return false;
            if (!Plaintext.TryRead(padded, out var plaintext))
            {
                fault = SealingFault.BadPadding;
                detail = "expected an opening, a statement, a body and zeros up to the padded size, got something else";
                return false;
            }
            fault = Check(content.Commitment, plaintext, envelope.Head, senderKeys, out statement, out detail);
            return statement is not null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(padded);
        }
    }

    /// <summary>
    /// Checks, without any secret key, that an envelope said what somebody who opened it shows: the
    /// commitment, and the sender's signature. Never throws on bad input.
    /// </summary>
    /// <param name="envelope">Head and content, the mediators' signatures over the head already verified by the caller.</param>
    /// <param name="opening">As <see cref="Statement.Opening"/>.</param>
    /// <param name="jws">As <see cref="Statement.Jws"/>.</param>
    /// <param name="body">As <see cref="Statement.Body"/>.</param>
    /// <param name="senderKeys">The sender's identity keys, from the negotiation document.</param>
    /// <param name="statement">Null when false.</param>
    /// <param name="fault">Why not; <see cref="SealingFault.None"/> when true.</param>
    /// <param name="detail">What was expected and what came; empty when true.</param>
    public static bool TryCheck(
        SealedEnvelope envelope,
        ReadOnlySpan<byte> opening,
        ReadOnlySpan<byte> jws,
        ReadOnlySpan<byte> body,
        IReadOnlyCollection<IdentityKey> senderKeys,
        [NotNullWhen(true)] out Statement? statement,
        out SealingFault fault,
        out string detail)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(senderKeys);
        statement = null;
        if (!TryRead(envelope, out var content, out fault, out detail)) return false;
        fault = Check(content.Commitment, new Plaintext(opening, jws, body), envelope.Head, senderKeys, out statement, out detail);
        return statement is not null;
    }

    /// <summary>Names of the keys that a content is for, as the sender wrote them; none when it is not readable.</summary>
    public static IReadOnlyList<string> ReadKeyIds(SealedEnvelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return TryRead(envelope, out var content, out _, out _) ? [.. content.Recipients.Select(one => one.KeyId)] : [];
    }

    /// <summary>
    /// Makes what shows an outsider that this addressee cannot open what its sender sealed for it: the shared secret of this one content,
    /// with a proof. Call it for <see cref="SealingFault.KeyUnwrapFailed"/>, <see cref="SealingFault.WrongContentKey"/>,
    /// <see cref="SealingFault.DecryptionFailed"/>, <see cref="SealingFault.BadPadding"/> and <see cref="SealingFault.BrokenCommitment"/>
    /// alone: it opens this content to whoever has it.
    /// </summary>
    /// <param name="envelope">Head and content.</param>
    /// <param name="keys">The recipient's private keys.</param>
    /// <param name="keyId">Which of them it is about; null when false.</param>
    /// <param name="proof">Null when false.</param>
    /// <returns>False when the content is not readable, or not for one of the keys, or for a hybrid one, of which nothing can be shown this
    /// way.</returns>
    public static bool TryProve(
        SealedEnvelope envelope,
        IReadOnlyCollection<PrivateJwk> keys,
        [NotNullWhen(true)] out string? keyId,
        [NotNullWhen(true)] out WrapProof? proof)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(keys);
        (keyId, proof) = (null, null);
        if (!TryRead(envelope, out var content, out _, out _)) return false;
        if (Match(content, keys, out var recipient, out var key) != SealingFault.None) return false;
        if (recipient!.EphemeralKey is not { } ephemeral) return false;
        keyId = recipient.KeyId;
        proof = WrapProof.Create(key!, ephemeral, envelope.Head.Digest);
        return true;
    }

    /// <summary>What a shown secret makes of a content, whose hash the caller has held to the head.</summary>
    internal static WrapFault Check(
        EnvelopeHead head, ReadOnlyMemory<byte> bytes, WrapProof proof, PublicJwk key, out string detail)
    {
        if (!JweContent.TryRead(bytes.Span, bytes.Length, out var content, out _, out detail)) return WrapFault.NotForKey;
        detail = $"expected a content of {head.Id} for {key.KeyId}, got another";
        if (!IsOf(content, head.Id)) return WrapFault.NotForKey;
        if (content.Recipients.FirstOrDefault(one => one.KeyId == key.KeyId) is not { } recipient) return WrapFault.NotForKey;
        detail = $"expected a content for the P-256 key {key.KeyId}, got another: of HPKE's secret nothing can be shown this way";
        if (recipient.EphemeralKey is not { } ephemeral || key.Kind != JwkKind.P256) return WrapFault.NotForKey;
        detail = $"expected the secret that {key.KeyId} shares with the sender, got one without its proof";
        if (!proof.Verify(key, ephemeral, head.Digest)) return WrapFault.BadProof;
        Span<byte> agreed = stackalloc byte[EcdhEs.KeySize];
        EcdhEs.ConcatKdf(proof.Secret, JweNames.DerivationId(recipient.IsDirect), default, default, agreed);
        Span<byte> contentKey = stackalloc byte[ContentCipher.KeySize];
        detail = $"expected a content key wrapped for {key.KeyId}, got one that does not unwrap";
        if (!TryUnwrap(recipient, agreed, contentKey)) return WrapFault.Wrong;
        var padded = new byte[content.Ciphertext.Length];
        if (Decrypt(content, recipient, contentKey, padded, out detail) != SealingFault.None) return WrapFault.Wrong;
        if (!Plaintext.TryRead(padded, out var plaintext))
        {
            detail = "expected an opening, a statement, a body and zeros up to the padded size, got something else";
            return WrapFault.Wrong;
        }
        if (IsCommitted(content.Commitment, plaintext, head.Id)) return WrapFault.None;
        detail = "expected the text that 'com' commits to, got another";
        return WrapFault.Wrong;
    }

    private static bool IsOf(JweContent content, EnvelopeId id) => content.AadText.AsSpan()
        .SequenceEqual(StrictBase64Url.EncodeToUtf8(System.Text.Encoding.ASCII.GetBytes(id.ToString())));

    private static bool IsCommitted(Digest commitment, Plaintext plaintext, EnvelopeId id) =>
        plaintext.Opening.Length == Commitment.OpeningSize
            && Commitment.Of(id, plaintext.Opening, plaintext.Statement, plaintext.Body) == commitment;

    private static bool TryRead(
        SealedEnvelope envelope, [NotNullWhen(true)] out JweContent? content, out SealingFault fault, out string detail) =>
        JweContent.TryRead(envelope.Content.Span, envelope.Content.Length, out content, out fault, out detail);

    private static SealingFault Decrypt(
        JweContent content,
        EnvelopeId id,
        IReadOnlyCollection<PrivateJwk> keys,
        IHpkeKeyEncryption? hpke,
        byte[] plaintext,
        out string detail)
    {
        if (!IsOf(content, id))
        {
            detail = $"expected 'aad' to be the id {id} of this envelope, got another";
            return SealingFault.WrongEnvelope;
        }
        var fault = Match(content, keys, out var recipient, out var key);
        if (fault != SealingFault.None)
        {
            detail = fault == SealingFault.NoMatchingKey
                ? $"expected a recipient key that is held here, got {content.Recipients.Count} others"
                : "expected an 'alg' that is one for the key it is for, got another";
            return fault;
        }
        Span<byte> contentKey = stackalloc byte[ContentCipher.KeySize];
        try
        {
            if (!TryUnwrap(recipient!, key!, hpke, contentKey))
            {
                detail = $"expected a content key wrapped for {recipient!.KeyId}, got one that does not unwrap";
                return SealingFault.KeyUnwrapFailed;
            }
            return Decrypt(content, recipient!, contentKey, plaintext, out detail);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(contentKey);
        }
    }

    private static SealingFault Decrypt(
        JweContent content, JweRecipient recipient, ReadOnlySpan<byte> contentKey, byte[] plaintext, out string detail)
    {
        var associated = new byte[content.HeaderText.Length + 1 + content.AadText.Length];
        EnvelopeSignature.WriteSigningInput(content.HeaderText, content.AadText, associated);
        if (!ContentCipher.TryDecrypt(contentKey, content.Iv, content.Ciphertext, content.Tag, associated, plaintext))
        {
            detail = recipient.IsDirect
                ? "expected a ciphertext that its tag fits, got another"
                : $"expected the content key wrapped for {recipient.KeyId} to be the ciphertext's, got another that does not open it";
            return recipient.IsDirect ? SealingFault.DecryptionFailed : SealingFault.WrongContentKey;
        }
        detail = "";
        return SealingFault.None;
    }

    private static bool TryUnwrap(JweRecipient recipient, PrivateJwk key, IHpkeKeyEncryption? hpke, Span<byte> contentKey)
    {
        if (recipient.EphemeralKey is not { } ephemeral)
        {
            return hpke!.TryDecrypt(key, JweNames.HpkeInfo, recipient.Encapsulation, recipient.EncryptedKey, contentKey);
        }
        Span<byte> agreed = stackalloc byte[EcdhEs.KeySize];
        try
        {
            Agree(key, ephemeral, recipient.IsDirect, agreed);
            return TryUnwrap(recipient, agreed, contentKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(agreed);
        }
    }

    private static bool TryUnwrap(JweRecipient recipient, ReadOnlySpan<byte> agreed, Span<byte> contentKey)
    {
        if (!recipient.IsDirect) return AesKeyWrap.TryUnwrap(agreed, recipient.EncryptedKey, contentKey);
        agreed.CopyTo(contentKey);
        return true;
    }

    private static void Agree(PrivateJwk key, PublicJwk ephemeral, bool direct, Span<byte> agreed)
    {
        using var own = key.CreateECDiffieHellman();
        using var other = ECDiffieHellman.Create(ephemeral.ToECParameters());
        using var publicKey = other.PublicKey;
        EcdhEs.DeriveKey(own, publicKey, JweNames.DerivationId(direct), agreed);
    }

    // By its id, and then only if the algorithm is one for a key of its kind.
    private static SealingFault Match(
        JweContent content, IReadOnlyCollection<PrivateJwk> keys, out JweRecipient? recipient, out PrivateJwk? key)
    {
        var fault = SealingFault.NoMatchingKey;
        foreach (var candidate in content.Recipients)
        {
            foreach (var held in keys)
            {
                if (held.KeyId != candidate.KeyId) continue;
                fault = SealingFault.AlgorithmMismatch;
                if (!candidate.Fits(held.Public)) continue;
                (recipient, key) = (candidate, held);
                return SealingFault.None;
            }
        }
        (recipient, key) = (null, null);
        return fault;
    }

    private static SealingFault Check(
        Digest commitment,
        Plaintext plaintext,
        EnvelopeHead head,
        IReadOnlyCollection<IdentityKey> senderKeys,
        out Statement? statement,
        out string detail)
    {
        statement = null;
        // First of all, so that nothing is said about a text that the ciphertext may not have for others.
        if (!IsCommitted(commitment, plaintext, head.Id))
        {
            detail = $"expected the text that 'com' of {head.Id} commits to, got another: its sender made a content that opens in two ways";
            return SealingFault.BrokenCommitment;
        }
        if (!StatementJws.TryRead(plaintext.Statement, out var jws, out detail)) return SealingFault.BadStatement;
        if (jws.Id != head.Id.ToString())
        {
            detail = $"expected a statement for {head.Id}, got one for {Excerpt.Of(jws.Id)}";
            return SealingFault.StatementForOtherEnvelope;
        }
        if (!jws.Audience.AsSpan().SequenceEqual(head.Audience.AsSpan()))
        {
            detail = $"expected a statement to {string.Join(", ", head.Audience)}, got one to others";
            return SealingFault.StatementForOtherAudience;
        }
        if (senderKeys.FirstOrDefault(k => k.KeyId == jws.KeyId) is not { } signer)
        {
            detail = $"expected a statement by an identity key of {head.Id.Sender}, got {Excerpt.Of(jws.KeyId)}";
            return SealingFault.UnknownSigner;
        }
        if (!jws.Verify(signer.Key, plaintext.Body))
        {
            detail = $"expected a statement signed by {signer.KeyId}, got a signature that does not verify";
            return SealingFault.BadStatementSignature;
        }
        statement = new Statement(head.Id, head.Audience, jws.ContentType, plaintext.Body.ToArray(), jws.KeyId)
        {
            Jws = plaintext.Statement.ToArray(),
            Opening = plaintext.Opening.ToArray(),
        };
        return SealingFault.None;
    }
}

using System.Security.Cryptography;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Sealing;

/// <summary>Signs a statement and encrypts it to the addressees: the <c>content</c> of an envelope.</summary>
/// <remarks>
/// References: RFC 7516 section 5.1 and 7.2.1 (General JSON, also for one recipient), RFC 7518 sections 4.6 and 5.3.
/// One fresh P-256 key pair per envelope serves every recipient with a P-256 key; its public half is in the protected header.
/// Hybrid keys: draft-ietf-jose-hpke-encrypt section 6 (key encryption), an encapsulated secret for each. A header member goes into the
/// protected header when it is the same for all recipients.
/// </remarks>
public static class ContentSealer
{
    /// <summary>Makes the content object for addressees with P-256 keys.</summary>
    /// <inheritdoc cref="SealAsync(StatementDraft, IJwsSigner, IReadOnlyList{PublicJwk}, IHpkeKeyEncryption?, CancellationToken)"/>
    public static Task<byte[]> SealAsync(
        StatementDraft statement, IJwsSigner identity, IReadOnlyList<PublicJwk> recipients, CancellationToken cancellationToken) =>
        SealAsync(statement, identity, recipients, null, cancellationToken);

    /// <summary>Makes the content object (JWE JSON, UTF-8) for <see cref="EnvelopeDraft.Content"/>.</summary>
    /// <param name="statement">What is said, in which envelope, to whom.</param>
    /// <param name="identity">The sender's identity key; ES256.</param>
    /// <param name="recipients">One key with <c>kid</c> for each addressee, P-256 or <see cref="JwkKind.MlKem768P256"/> in any mixture,
    /// kids distinct; 1 to 64. The kind of a key decides how it is addressed: ECDH-ES for one P-256 key alone, ECDH-ES+A256KW beside
    /// others, HPKE-8-KE for a hybrid one.</param>
    /// <param name="hpke">What encrypts to hybrid keys; may be null where none is among <paramref name="recipients"/>.</param>
    /// <param name="cancellationToken">Ends the signing call.</param>
    /// <exception cref="ArgumentException">A key or name breaks a rule; the message says which.</exception>
    public static Task<byte[]> SealAsync(
        StatementDraft statement,
        IJwsSigner identity,
        IReadOnlyList<PublicJwk> recipients,
        IHpkeKeyEncryption? hpke,
        CancellationToken cancellationToken) =>
        SealAsync(statement, identity, recipients, hpke, FreshSecrets.OfPlatform, cancellationToken);

    /// <summary>Seals with secrets of another source: for tests that must make the same bytes twice.</summary>
    internal static async Task<byte[]> SealAsync(
        StatementDraft statement,
        IJwsSigner identity,
        IReadOnlyList<PublicJwk> recipients,
        IHpkeKeyEncryption? hpke,
        FreshSecrets fresh,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(recipients);
        Check(statement, identity);
        Check(recipients, statement.Audience.Count, hpke);
        var jws = await StatementJws.SignAsync(statement, identity, cancellationToken).ConfigureAwait(false);
        var opening = fresh.GetBytes(Commitment.OpeningSize);
        var plaintext = Plaintext.Write(opening, jws, statement.Body.Span);
        try
        {
            var commitment = Commitment.Of(statement.Id, opening, jws, statement.Body.Span);
            return Encrypt(plaintext, statement.Id, commitment, recipients, hpke, fresh);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>Encrypts bytes that are padded already.</summary>
    internal static byte[] Encrypt(
        ReadOnlySpan<byte> plaintext,
        EnvelopeId id,
        Digest commitment,
        IReadOnlyList<PublicJwk> recipients,
        IHpkeKeyEncryption? hpke = null,
        FreshSecrets? fresh = null)
    {
        fresh ??= FreshSecrets.OfPlatform;
        var algorithms = recipients.Select(key => JweNames.For(key, alone: recipients.Count == 1)).ToList();
        using var ephemeral = algorithms.TrueForAll(algorithm => algorithm == JweAlgorithm.Hybrid)
            ? null
            : fresh.CreateKeyPair();
        var sender = new SenderHeader(algorithms, ephemeral);
        var header = StrictBase64Url.EncodeToUtf8(WriteHeader(sender, commitment));
        var aad = StrictBase64Url.EncodeToUtf8(System.Text.Encoding.ASCII.GetBytes(id.ToString()));
        var associated = new byte[header.Length + 1 + aad.Length];
        EnvelopeSignature.WriteSigningInput(header, aad, associated);
        var contentKey = new byte[ContentCipher.KeySize];
        try
        {
            if (algorithms[0] != JweAlgorithm.Direct) fresh.Fill(contentKey);
            var wraps = recipients.Select((key, i) => Wrap(key, algorithms[i], ephemeral, hpke, contentKey)).ToList();
            var iv = fresh.GetBytes(ContentCipher.IvSize);
            var tag = new byte[ContentCipher.TagSize];
            var ciphertext = new byte[plaintext.Length];
            ContentCipher.Encrypt(contentKey, iv, plaintext, associated, ciphertext, tag);
            return Write(sender, header, aad, wraps, iv, ciphertext, tag);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(contentKey);
        }
    }

    // With direct agreement the agreed key becomes the content key; else the content key is there already.
    private static KeyWrap Wrap(
        PublicJwk key, JweAlgorithm algorithm, ECDiffieHellman? ephemeral, IHpkeKeyEncryption? hpke, byte[] contentKey)
    {
        if (algorithm == JweAlgorithm.Hybrid)
        {
            var wrap = new KeyWrap(
                key.KeyId!, algorithm, new byte[JweNames.EncryptedKeySize(algorithm)], new byte[HybridKey.EncapsulationSize]);
            hpke!.Encrypt(key, JweNames.HpkeInfo, contentKey, wrap.Encapsulation, wrap.EncryptedKey);
            return wrap;
        }
        var direct = algorithm == JweAlgorithm.Direct;
        using var recipient = ECDiffieHellman.Create(key.ToECParameters());
        using var publicKey = recipient.PublicKey;
        Span<byte> wrappingKey = stackalloc byte[EcdhEs.KeySize];
        EcdhEs.DeriveKey(ephemeral!, publicKey, JweNames.DerivationId(direct), direct ? contentKey : wrappingKey);
        var encryptedKey = direct ? [] : AesKeyWrap.Wrap(wrappingKey, contentKey);
        CryptographicOperations.ZeroMemory(wrappingKey);
        return new KeyWrap(key.KeyId!, algorithm, encryptedKey, []);
    }

    private static byte[] WriteHeader(SenderHeader sender, Digest commitment)
    {
        using var stream = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options))
        {
            json.WriteStartObject();
            if (sender.SharesAlgorithm) sender.WriteAlgorithm(json, 0);
            json.WriteString("enc"u8, JweNames.Encryption);
            json.WriteString(JweNames.Commitment, commitment.ToString());
            if (sender.SharesEphemeralKey) sender.WriteEphemeralKey(json);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static byte[] Write(
        SenderHeader sender, byte[] header, byte[] aad, List<KeyWrap> wraps, byte[] iv, byte[] ciphertext, byte[] tag)
    {
        using var stream = new MemoryStream(ciphertext.Length * 3 / 2 + wraps.Sum(wrap => 256 + wrap.Encapsulation.Length * 3 / 2) + 512);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("protected"u8, header);
            json.WriteStartArray("recipients"u8);
            for (var i = 0; i < wraps.Count; i++) WriteRecipient(json, sender, i, wraps[i]);
            json.WriteEndArray();
            json.WriteString("aad"u8, aad);
            json.WriteString("iv"u8, StrictBase64Url.EncodeToUtf8(iv));
            json.WriteString("ciphertext"u8, StrictBase64Url.EncodeToUtf8(ciphertext));
            json.WriteString("tag"u8, StrictBase64Url.EncodeToUtf8(tag));
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static void WriteRecipient(Utf8JsonWriter json, SenderHeader sender, int index, KeyWrap wrap)
    {
        json.WriteStartObject();
        json.WriteStartObject("header"u8);
        json.WriteString("kid"u8, wrap.KeyId);
        if (!sender.SharesAlgorithm) sender.WriteAlgorithm(json, index);
        if (wrap.Algorithm == JweAlgorithm.Hybrid)
        {
            json.WriteString(JweNames.Encapsulation, StrictBase64Url.EncodeToUtf8(wrap.Encapsulation));
        }
        else if (!sender.SharesEphemeralKey)
        {
            sender.WriteEphemeralKey(json);
        }
        json.WriteEndObject();
        if (wrap.EncryptedKey.Length > 0) json.WriteString("encrypted_key"u8, StrictBase64Url.EncodeToUtf8(wrap.EncryptedKey));
        json.WriteEndObject();
    }

    private static void Check(StatementDraft statement, IJwsSigner identity)
    {
        if (identity.Algorithm != JwsAlgorithm.ES256)
        {
            throw new ArgumentException($"Expected an identity key for ES256, got {identity.Algorithm.Name()}.", nameof(identity));
        }
        if (!PublicJwk.IsKeyId(identity.KeyId, out var error)) throw new ArgumentException(error, nameof(identity));
        if (!StatementJws.IsContentType(statement.ContentType))
        {
            throw new ArgumentException(
                $"Expected a content type of 1 to {StatementJws.MaxContentTypeLength} printable ASCII characters.", nameof(statement));
        }
        if (!EnvelopeId.TryParse(statement.Id.ToString(), out _))
        {
            throw new ArgumentException("Expected a valid envelope id.", nameof(statement));
        }
        if (statement.Audience.Count is 0 or > EnvelopeLimits.MaxAddressees)
        {
            throw new ArgumentException(
                $"Expected 1 to {EnvelopeLimits.MaxAddressees} addressees, got {statement.Audience.Count}.", nameof(statement));
        }
        foreach (var name in statement.Audience)
        {
            if (!RelayName.IsValid(name)) throw new ArgumentException("Expected names of delegations as addressees.", nameof(statement));
        }
    }

    private static void Check(IReadOnlyList<PublicJwk> recipients, int audience, IHpkeKeyEncryption? hpke)
    {
        if (recipients.Count != audience)
        {
            throw new ArgumentException(
                $"Expected one recipient key for each of {audience} addressees, got {recipients.Count}.", nameof(recipients));
        }
        var keyIds = new HashSet<string>(StringComparer.Ordinal);
        foreach (var recipient in recipients)
        {
            if (recipient.Kind is not (JwkKind.P256 or JwkKind.MlKem768P256) || recipient.KeyId is null)
            {
                throw new ArgumentException($"Expected recipient keys on P-256 or for {JweNames.Hybrid}, with 'kid'.", nameof(recipients));
            }
            if (!recipient.MayReceive)
            {
                throw new ArgumentException(
                    $"Expected recipient keys for encryption, 'use' or 'alg' of {recipient.KeyId} says otherwise.", nameof(recipients));
            }
            if (recipient.Kind == JwkKind.MlKem768P256 && hpke is null)
            {
                throw new ArgumentException(
                    $"Expected what encrypts for the {JweNames.Hybrid} key {recipient.KeyId}, got null.", nameof(hpke));
            }
            if (!keyIds.Add(recipient.KeyId))
            {
                throw new ArgumentException($"Expected distinct recipient key ids, got {recipient.KeyId} twice.", nameof(recipients));
            }
        }
    }
}

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
/// One fresh P-256 key pair per envelope serves every recipient; its public half is in the protected header.
/// </remarks>
public static class ContentSealer
{
    /// <summary>Makes the content object (JWE JSON, UTF-8) for <see cref="EnvelopeDraft.Content"/>.</summary>
    /// <param name="statement">What is said, in which envelope, to whom.</param>
    /// <param name="identity">The sender's identity key; ES256.</param>
    /// <param name="recipients">One P-256 key with <c>kid</c> for each addressee,
    /// kids distinct; 1 to 64. One alone gets direct agreement (ECDH-ES).</param>
    /// <param name="cancellationToken">Ends the signing call.</param>
    /// <exception cref="ArgumentException">A key or name breaks a rule; the message says which.</exception>
    public static async Task<byte[]> SealAsync(
        StatementDraft statement, IJwsSigner identity, IReadOnlyList<PublicJwk> recipients, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(recipients);
        Check(statement, identity);
        Check(recipients, statement.Audience.Count);
        var jws = await StatementJws.SignAsync(statement, identity, cancellationToken).ConfigureAwait(false);
        var opening = RandomNumberGenerator.GetBytes(Commitment.OpeningSize);
        var plaintext = Plaintext.Write(opening, jws, statement.Body.Span);
        try
        {
            return Encrypt(plaintext, statement.Id, Commitment.Of(statement.Id, opening, jws, statement.Body.Span), recipients);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>Encrypts bytes that are padded already.</summary>
    internal static byte[] Encrypt(ReadOnlySpan<byte> plaintext, EnvelopeId id, Digest commitment, IReadOnlyList<PublicJwk> recipients)
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var direct = recipients.Count == 1;
        var header = StrictBase64Url.EncodeToUtf8(WriteHeader(ephemeral, direct, commitment));
        var aad = StrictBase64Url.EncodeToUtf8(System.Text.Encoding.ASCII.GetBytes(id.ToString()));
        var associated = new byte[header.Length + 1 + aad.Length];
        EnvelopeSignature.WriteSigningInput(header, aad, associated);
        var contentKey = new byte[ContentCipher.KeySize];
        try
        {
            var encryptedKeys = AgreeKeys(ephemeral, recipients, direct, contentKey);
            var iv = RandomNumberGenerator.GetBytes(ContentCipher.IvSize);
            var tag = new byte[ContentCipher.TagSize];
            var ciphertext = new byte[plaintext.Length];
            ContentCipher.Encrypt(contentKey, iv, plaintext, associated, ciphertext, tag);
            return Write(header, aad, recipients, encryptedKeys, iv, ciphertext, tag);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(contentKey);
        }
    }

    private static byte[][] AgreeKeys(ECDiffieHellman ephemeral, IReadOnlyList<PublicJwk> recipients, bool direct, byte[] contentKey)
    {
        if (!direct) RandomNumberGenerator.Fill(contentKey);
        var encryptedKeys = new byte[recipients.Count][];
        Span<byte> wrappingKey = stackalloc byte[EcdhEs.KeySize];
        for (var i = 0; i < recipients.Count; i++)
        {
            using var recipient = ECDiffieHellman.Create(recipients[i].ToECParameters());
            using var publicKey = recipient.PublicKey;
            EcdhEs.DeriveKey(ephemeral, publicKey, JweNames.DerivationId(direct), direct ? contentKey : wrappingKey);
            encryptedKeys[i] = direct ? [] : AesKeyWrap.Wrap(wrappingKey, contentKey);
        }
        CryptographicOperations.ZeroMemory(wrappingKey);
        return encryptedKeys;
    }

    private static byte[] WriteHeader(ECDiffieHellman ephemeral, bool direct, Digest commitment)
    {
        if (!PublicJwk.TryCreate(ephemeral.ExportParameters(includePrivateParameters: false), null, out var jwk, out var error))
        {
            throw new CryptographicException(error);
        }
        using var stream = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("alg"u8, direct ? JweNames.Direct : JweNames.Wrapped);
            json.WriteString("enc"u8, JweNames.Encryption);
            json.WriteString(JweNames.Commitment, commitment.ToString());
            json.WritePropertyName("epk"u8);
            jwk.WriteTo(json, null, default);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static byte[] Write(
        byte[] header, byte[] aad, IReadOnlyList<PublicJwk> recipients, byte[][] encryptedKeys, byte[] iv, byte[] ciphertext, byte[] tag)
    {
        using var stream = new MemoryStream(ciphertext.Length * 3 / 2 + recipients.Count * 256 + 512);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("protected"u8, header);
            json.WriteStartArray("recipients"u8);
            for (var i = 0; i < recipients.Count; i++)
            {
                json.WriteStartObject();
                json.WriteStartObject("header"u8);
                json.WriteString("kid"u8, recipients[i].KeyId);
                json.WriteEndObject();
                if (encryptedKeys[i].Length > 0) json.WriteString("encrypted_key"u8, StrictBase64Url.EncodeToUtf8(encryptedKeys[i]));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("aad"u8, aad);
            json.WriteString("iv"u8, StrictBase64Url.EncodeToUtf8(iv));
            json.WriteString("ciphertext"u8, StrictBase64Url.EncodeToUtf8(ciphertext));
            json.WriteString("tag"u8, StrictBase64Url.EncodeToUtf8(tag));
            json.WriteEndObject();
        }
        return stream.ToArray();
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

    private static void Check(IReadOnlyList<PublicJwk> recipients, int audience)
    {
        if (recipients.Count != audience)
        {
            throw new ArgumentException(
                $"Expected one recipient key for each of {audience} addressees, got {recipients.Count}.", nameof(recipients));
        }
        var keyIds = new HashSet<string>(StringComparer.Ordinal);
        foreach (var recipient in recipients)
        {
            if (recipient.Kind != JwkKind.P256 || recipient.KeyId is null)
            {
                throw new ArgumentException("Expected recipient keys on P-256 with 'kid'.", nameof(recipients));
            }
            if (!recipient.Use.MayAgree)
            {
                throw new ArgumentException(
                    $"Expected recipient keys for key agreement, 'use' of {recipient.KeyId} says otherwise.", nameof(recipients));
            }
            if (!keyIds.Add(recipient.KeyId))
            {
                throw new ArgumentException($"Expected distinct recipient key ids, got {recipient.KeyId} twice.", nameof(recipients));
            }
        }
    }
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>A named P-256 public key that verifies notes (signature type 0x02). Safe for many threads; the owner disposes it.</summary>
/// <remarks>
/// References: C2SP signed-note, sections "Signature types" and "Verifier keys";
/// the encodings that 0x02 leaves to its first implementation are those of
/// transparency-dev/formats, note/note_verifier.go: ECDSA over SHA-256 of the text, signature in DER.
/// Parameters: key id = first 4 bytes of SHA-256(SubjectPublicKeyInfo in
/// DER, 91 bytes). Unlike other types, name and type byte are not hashed.
/// </remarks>
public sealed class NoteKey : IDisposable
{
    private const byte EcdsaType = 0x02;
    private const int CoordinateSize = 32;

    private readonly VerificationKey _key;
    private readonly byte[] _info;
    private readonly bool _isOwner = true;

    private NoteKey(string name, VerificationKey key)
    {
        Name = name;
        _key = key;
        var point = key.Public.ToECParameters().Q;
        _info = [.. InfoHeader, .. point.X!, .. point.Y!];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_info, hash);
        KeyId = BinaryPrimitives.ReadUInt32BigEndian(hash);
    }

    private NoteKey(string name, NoteKey same)
    {
        Name = name;
        _key = same._key;
        _info = same._info;
        _isOwner = false;
        KeyId = same.KeyId;
    }

    /// <summary>Name of the key; for a ledger its origin.</summary>
    public string Name { get; }

    /// <summary>Tells the key from others of its name.</summary>
    public uint KeyId { get; }

    /// <summary>The key itself.</summary>
    public PublicJwk Public => _key.Public;

    // SubjectPublicKeyInfo up to the coordinates: id-ecPublicKey, secp256r1, uncompressed point (RFC 5480 section 2).
    private static ReadOnlySpan<byte> InfoHeader =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
        0x07,
        0x03, 0x42, 0x00, 0x04,
    ];

    /// <summary>Takes a P-256 key under a name.</summary>
    /// <param name="name">See <see cref="SignedNote.IsKeyName"/>.</param>
    /// <param name="key">A P-256 key that may verify.</param>
    /// <param name="noteKey">Null when false; the caller disposes it.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryCreate(string name, PublicJwk key, [NotNullWhen(true)] out NoteKey? noteKey, out string error)
    {
        ArgumentNullException.ThrowIfNull(key);
        noteKey = null;
        if (!SignedNote.IsKeyName(name) || key.Kind != JwkKind.P256)
        {
            error = $"expected a key name without spaces and '+', and a P-256 key, got {Excerpt.Of(name)} and {key.Kind}";
            return false;
        }
        if (!VerificationKey.TryCreate(key, out var verification, out error)) return false;
        noteKey = new NoteKey(name, verification);
        return true;
    }

    /// <summary>
    /// Reads the text of a verifier key, <c>{name}+{key id, 8 hexadecimal digits}+{base64 of 0x02 and SubjectPublicKeyInfo}</c>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="noteKey">Null when false; the caller disposes it.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out NoteKey? noteKey, out string error)
    {
        ArgumentNullException.ThrowIfNull(text);
        noteKey = null;
        error = "expected name+id+base64 of 0x02 and a P-256 SubjectPublicKeyInfo, got something else";
        var parts = text.Split('+', 3);
        if (parts.Length != 3 || StrictBase64.Decode(System.Text.Encoding.UTF8.GetBytes(parts[2])) is not { } value) return false;
        var start = 1 + InfoHeader.Length;
        if (value.Length != start + 2 * CoordinateSize || value[0] != EcdsaType || !value.AsSpan(1).StartsWith(InfoHeader)) return false;
        var point = new ECPoint { X = value[start..(start + CoordinateSize)], Y = value[(start + CoordinateSize)..] };
        var parameters = new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point };
        if (!PublicJwk.TryCreate(parameters, null, out var jwk, out error) || !TryCreate(parts[0], jwk, out noteKey, out error))
        {
            return false;
        }
        if (noteKey.ToString() == text) return true;
        error = $"expected the key id {noteKey.KeyId:x8}, got {Excerpt.Of(parts[1])}";
        noteKey.Dispose();
        noteKey = null;
        return false;
    }

    /// <summary>
    /// The same key under another name: a relay's key signs for many ledgers, and taking it in costs more than a signature.
    /// </summary>
    /// <param name="name">See <see cref="SignedNote.IsKeyName"/>.</param>
    /// <returns>A key that need not be disposed, and still verifies when this one is, only slower.</returns>
    /// <exception cref="ArgumentException">It is no key name.</exception>
    public NoteKey Named(string name) => SignedNote.IsKeyName(name)
        ? new NoteKey(name, this)
        : throw new ArgumentException($"Expected a key name without spaces and '+', got {Excerpt.Of(name)}.", nameof(name));

    /// <summary>Verifies the one signature line that names this key; lines of other keys are ignored.</summary>
    public NoteFault Verify(SignedNote note)
    {
        ArgumentNullException.ThrowIfNull(note);
        NoteSignature? mine = null;
        foreach (var signature in note.Signatures)
        {
            if (signature.KeyId != KeyId || signature.Name != Name) continue;
            if (mine is not null) return NoteFault.SignedTwice;
            mine = signature;
        }
        if (mine is null) return NoteFault.NotSigned;
        Span<byte> value = stackalloc byte[EcdsaDer.FixedSize];
        if (!EcdsaDer.TryRead(mine.Value.Span, value)) return NoteFault.BadSignatureForm;
        return _key.Verify(JwsAlgorithm.ES256, note.Text.Span, value) == SignatureFault.None ? NoteFault.None : NoteFault.BadSignature;
    }

    /// <summary>Signs a text under this key's name.</summary>
    /// <param name="text">UTF-8 without control characters but newline, ending in a newline.</param>
    /// <param name="signer">Holds the private half of this key.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The note: text, empty line, one signature line.</returns>
    /// <exception cref="ArgumentException">The text breaks its rule, or the signer is not of ES256.</exception>
    /// <exception cref="InvalidOperationException">What the signer made does not verify under this key.</exception>
    public async ValueTask<SignedNote> SignAsync(ReadOnlyMemory<byte> text, IJwsSigner signer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signer);
        if (text.IsEmpty || text.Span[^1] != (byte)'\n' || !SignedNote.IsText(text.Span))
        {
            throw new ArgumentException("Expected UTF-8 lines, each with its newline.", nameof(text));
        }
        if (signer.Algorithm != JwsAlgorithm.ES256)
        {
            throw new ArgumentException($"Expected a signer of ES256, got {signer.Algorithm.Name()}.", nameof(signer));
        }
        var signature = await signer.SignAsync(SHA256.HashData(text.Span), cancellationToken).ConfigureAwait(false);
        // A faulty signature that leaves the process would be held against the ledger for good. What a key in this process makes is
        // one of this key's if it is the other half of it, and comparing that takes nothing; another signer's word has to be verified.
        var isOurs = signer is LocalSigner local
            ? local.Thumbprint == _key.Thumbprint
            : _key.Verify(JwsAlgorithm.ES256, text.Span, signature) == SignatureFault.None;
        if (!isOurs)
        {
            throw new InvalidOperationException($"Expected a signature by the key {Name}+{KeyId:x8}, got another.");
        }
        var bytes = SignedNote.Write(text.Span, Name, KeyId, EcdsaDer.Write(signature));
        return SignedNote.TryParse(bytes, out var note, out var error) ? note : throw new ArgumentException(error, nameof(text));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isOwner) _key.Dispose();
    }

    /// <summary>Text of the verifier key, see <see cref="TryParse"/>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}+{KeyId:x8}+{StrictBase64.Encode([EcdsaType, .. _info])}");
}

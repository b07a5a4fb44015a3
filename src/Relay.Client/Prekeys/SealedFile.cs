using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Relay.Client.Prekeys;

/// <summary>
/// A file of a key store: JWE compact (RFC 7516 section 7.1), <c>alg</c> dir, <c>enc</c> A256GCM, and how it is read and removed.
/// </summary>
/// <remarks>
/// The header has the file's name as <c>kid</c>, so that no file serves for another; the one under the caller's own secret has
/// <c>p2s</c> and <c>p2c</c> of PBKDF2 beside it.
/// </remarks>
internal static class SealedFile
{
    private const int IvSize = 12;
    private const int TagSize = 16;
    private const int MaxBytes = 1024 * 1024;

    /// <summary>Encrypts.</summary>
    /// <param name="name">Of the file.</param>
    /// <param name="plaintext">Wiped by the caller.</param>
    /// <param name="key">32 bytes.</param>
    /// <param name="salt">Of PBKDF2; empty when the key is not made of a passphrase.</param>
    public static byte[] Encrypt(string name, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt = default)
    {
        var header = Base64Url.EncodeToString(WriteHeader(name, salt));
        var iv = RandomNumberGenerator.GetBytes(IvSize);
        var tag = new byte[TagSize];
        var ciphertext = new byte[plaintext.Length];
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(iv, plaintext, ciphertext, tag, Encoding.ASCII.GetBytes(header));
        return Encoding.ASCII.GetBytes(
            $"{header}..{Base64Url.EncodeToString(iv)}.{Base64Url.EncodeToString(ciphertext)}.{Base64Url.EncodeToString(tag)}");
    }

    /// <summary>Decrypts; null for another name, another key, or bytes that were changed. The caller wipes what comes.</summary>
    /// <param name="name">Of the file.</param>
    /// <param name="jwe">Its bytes.</param>
    /// <param name="findKey">The key for a salt and a number of rounds; both are nothing for one that is not made of a passphrase.</param>
    public static byte[]? Decrypt(string name, byte[] jwe, Func<byte[], int, byte[]> findKey)
    {
        var parts = Encoding.ASCII.GetString(jwe).Split('.');
        if (parts.Length != 5 || parts[1].Length > 0) return null;
        byte[]? key = null;
        try
        {
            using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
            var read = header.RootElement;
            if (read.GetProperty("alg").GetString() != "dir" || read.GetProperty("enc").GetString() != "A256GCM") return null;
            if (read.GetProperty("kid").GetString() != name) return null;
            var hasSalt = read.TryGetProperty("p2s", out var salt);
            // No file makes its reader count for ever.
            var iterations = hasSalt ? read.GetProperty("p2c").GetInt32() : 0;
            if (iterations is < 0 or > 10 * StoreSecret.Iterations || (hasSalt && iterations < StoreSecret.Iterations)) return null;
            key = findKey(hasSalt ? Base64Url.DecodeFromChars(salt.GetString()) : [], iterations);
            var (iv, ciphertext, tag) = (
                Base64Url.DecodeFromChars(parts[2]), Base64Url.DecodeFromChars(parts[3]), Base64Url.DecodeFromChars(parts[4]));
            if (iv.Length != IvSize || tag.Length != TagSize) return null;
            var plaintext = new byte[ciphertext.Length];
            using var aes = new AesGcm(key, TagSize);
            aes.Decrypt(iv, ciphertext, tag, plaintext, Encoding.ASCII.GetBytes(parts[0]));
            return plaintext;
        }
        catch (Exception e) when (
            e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or CryptographicException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>The bytes of a file; null when there is none.</summary>
    public static byte[]? Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        return file.Length <= MaxBytes
            ? File.ReadAllBytes(path)
            : throw new PrekeyStoreException($"expected a file of at most {MaxBytes} bytes, '{file.Name}' has {file.Length}");
    }

    /// <summary>Overwrites a file, syncs, removes it. None is fine.</summary>
    public static void Remove(string path)
    {
        if (!File.Exists(path)) return;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            file.Write(RandomNumberGenerator.GetBytes((int)Math.Min(file.Length, MaxBytes)));
            file.Flush(flushToDisk: true);
        }
        File.Delete(path);
    }

    private static byte[] WriteHeader(string name, ReadOnlySpan<byte> salt)
    {
        using var stream = new MemoryStream(128);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("alg"u8, "dir"u8);
            json.WriteString("enc"u8, "A256GCM"u8);
            json.WriteString("kid"u8, name);
            if (!salt.IsEmpty)
            {
                json.WriteString("p2s"u8, Base64Url.EncodeToString(salt));
                json.WriteNumber("p2c"u8, StoreSecret.Iterations);
            }

            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Relay.Client.Prekeys;

/// <summary>What opens a key store: a passphrase, or a key of 32 bytes. Wiped on dispose.</summary>
public sealed class StoreSecret : IDisposable
{
    /// <summary>Rounds of PBKDF2-HMAC-SHA512 over a passphrase: 600,000, above the 210,000 that OWASP asks for (2023).</summary>
    public const int Iterations = 600_000;

    /// <summary>Bytes of a key, and of what a passphrase is made into: 32.</summary>
    public const int KeySize = 32;

    internal const int SaltSize = 16;

    private readonly byte[] _bytes;

    private StoreSecret(byte[] bytes, bool isPassphrase)
    {
        _bytes = bytes;
        IsPassphrase = isPassphrase;
    }

    internal bool IsPassphrase { get; }

    /// <summary>Takes a passphrase; a short one is found by whoever has the folder and tries.</summary>
    /// <param name="passphrase">1 character or more.</param>
    public static StoreSecret FromPassphrase(ReadOnlySpan<char> passphrase)
    {
        if (passphrase.IsEmpty) throw new ArgumentException("Expected a passphrase, got none.", nameof(passphrase));
        var bytes = new byte[Encoding.UTF8.GetByteCount(passphrase)];
        Encoding.UTF8.GetBytes(passphrase, bytes);
        return new StoreSecret(bytes, isPassphrase: true);
    }

    /// <summary>Takes a key, as from an environment that has secrets of its own.</summary>
    /// <param name="key">32 random bytes; copied.</param>
    public static StoreSecret FromKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeySize) throw new ArgumentException($"Expected a key of {KeySize} bytes, got {key.Length}.", nameof(key));
        return new StoreSecret(key.ToArray(), isPassphrase: false);
    }

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    /// <summary>The key; the caller wipes it.</summary>
    internal byte[] Derive(ReadOnlySpan<byte> salt, int iterations) => IsPassphrase
        ? Rfc2898DeriveBytes.Pbkdf2(_bytes, salt, iterations, HashAlgorithmName.SHA512, KeySize)
        : [.. _bytes];
}

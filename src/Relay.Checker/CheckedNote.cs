using System.Security.Cryptography;
using System.Text;

namespace Relay.Checker;

/// <summary>A signed note as the checker reads it.</summary>
/// <remarks>C2SP signed-note: text, empty line, lines of em dash, space, name, space, base64 of key id (4 bytes) and signature.</remarks>
internal sealed class CheckedNote
{
    private readonly byte[] _text;
    private readonly List<(string Name, byte[] Value)> _signatures;

    private CheckedNote(byte[] text, List<(string Name, byte[] Value)> signatures) => (_text, _signatures) = (text, signatures);

    /// <summary>Lines of the text, without their newlines.</summary>
    public string[] Lines => Encoding.UTF8.GetString(_text).Split('\n')[..^1];

    /// <summary>Key ids of the signature lines, 8 hexadecimal digits each.</summary>
    public IEnumerable<string> KeyIds => _signatures.Select(signature => Convert.ToHexStringLower(signature.Value.AsSpan(0, 4)));

    public static CheckedNote? Parse(ReadOnlySpan<byte> bytes, out string problem)
    {
        problem = "expected a signed note, got something else";
        var end = bytes.LastIndexOf("\n\n"u8);
        if (end < 0 || bytes[^1] != (byte)'\n') return null;
        var signatures = new List<(string, byte[])>();
        foreach (var line in Encoding.UTF8.GetString(bytes[(end + 2)..^1]).Split('\n'))
        {
            var parts = line.Split(' ');
            var value = new byte[line.Length];
            if (parts is not ["\u2014", _, _] || !Convert.TryFromBase64String(parts[2], value, out var length) || length < 5) return null;
            if (Convert.ToBase64String(value, 0, length) != parts[2]) return null;
            signatures.Add((parts[1], value[..length]));
        }

        problem = "";
        return new CheckedNote(bytes[..(end + 1)].ToArray(), signatures);
    }

    /// <summary>Null when exactly one line is by this key under this name, and verifies.</summary>
    public string? Verify(string name, CheckedCertificate certificate)
    {
        var mine = _signatures.Where(
            signature => signature.Name == name && Convert.ToHexStringLower(signature.Value.AsSpan(0, 4)) == certificate.KeyId).ToList();
        if (mine.Count != 1) return $"expected one signature line of {name} by key {certificate.KeyId}, got {mine.Count}";
        using var key = certificate.ToKey();
        return key.VerifyData(_text, mine[0].Value.AsSpan(4), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)
            ? null
            : $"expected a signature by key {certificate.KeyId} over this text, got one that does not verify";
    }
}

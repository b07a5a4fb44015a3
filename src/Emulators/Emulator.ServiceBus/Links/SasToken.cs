using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Emulator.ServiceBus.Links;

/// <summary>
/// A shared access signature: <c>SharedAccessSignature sr={A}&amp;sig={B}&amp;se={C}&amp;skn={D}</c>, fields in any order. sig is base64 of
/// HMAC-SHA256 over sr, a line feed and se, with sr exactly as it stands in the token, still percent-encoded.
/// </summary>
internal sealed class SasToken
{
    public const string Scheme = "SharedAccessSignature ";

    private readonly string _signedText;
    private readonly string _signature;

    private SasToken(string resource, string signedText, string signature, string keyName, DateTimeOffset expiresAt)
    {
        Resource = resource;
        _signedText = signedText;
        _signature = signature;
        KeyName = keyName;
        ExpiresAt = expiresAt;
    }

    /// <summary>The audience, decoded.</summary>
    public string Resource { get; }

    public string KeyName { get; }

    public DateTimeOffset ExpiresAt { get; }

    public static bool TryParse(string token, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SasToken? parsed)
    {
        parsed = null;
        if (!token.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        string? resource = null, signature = null, expiry = null, keyName = null;
        foreach (var field in token[Scheme.Length..].Split('&'))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) return false;
            var value = field[(equals + 1)..];
            switch (field[..equals].Trim())
            {
                case "sr": resource = value; break;
                case "sig": signature = Uri.UnescapeDataString(value); break;
                case "se": expiry = value; break;
                case "skn": keyName = Uri.UnescapeDataString(value); break;
            }
        }

        if (resource is null || signature is null || keyName is null
            || !long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return false;
        }

        parsed = new SasToken(
            Uri.UnescapeDataString(resource), $"{resource}\n{expiry}", signature, keyName, DateTimeOffset.FromUnixTimeSeconds(seconds));
        return true;
    }

    public bool IsSignedWith(string key)
    {
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(_signedText));
        var given = new byte[expected.Length + 3];
        return Convert.TryFromBase64String(_signature, given, out var length)
            && CryptographicOperations.FixedTimeEquals(expected, given.AsSpan(0, length));
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Makes shared access signatures: HMAC-SHA256 over the percent-encoded resource, a newline and the expiry in Unix seconds.</summary>
internal static class SharedAccessSignature
{
    /// <summary>A signature for a resource.</summary>
    /// <param name="resource">Address of the resource, for instance <c>sb://host/queue</c>; encoded here.</param>
    /// <param name="keyName">Name of the key.</param>
    /// <param name="key">The key, whose UTF-8 bytes are used as they are, not decoded from base64.</param>
    /// <param name="expiresAt">End of validity, cut to seconds.</param>
    public static string Create(string resource, string keyName, string key, DateTimeOffset expiresAt)
    {
        var encoded = Uri.EscapeDataString(resource);
        var expiry = expiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"SharedAccessSignature sr={encoded}&sig={Uri.EscapeDataString(Sign(encoded, expiry, key))}&se={expiry}&skn={Uri.EscapeDataString(keyName)}";
    }

    /// <summary>The signature itself, in base64.</summary>
    /// <param name="encodedResource">The resource exactly as it stands in the token.</param>
    /// <param name="expiry">Unix seconds, decimal.</param>
    /// <param name="key">The key.</param>
    internal static string Sign(string encodedResource, string expiry, string key) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{encodedResource}\n{expiry}")));
}

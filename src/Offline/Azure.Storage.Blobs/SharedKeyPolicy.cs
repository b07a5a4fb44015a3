using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Storage.Blobs;

/// <summary>Signs each request with the account's key.</summary>
/// <remarks>References: "Authorize with Shared Key" of the storage REST API. Parameters: HMAC-SHA256, key of any length, signature 32 bytes in base64.</remarks>
internal sealed class SharedKeyPolicy(string accountName, byte[] accountKey) : HttpPipelineSynchronousPolicy
{
    // In the order the scheme fixes; Content-Length comes between the second and the third, and Date is always empty since x-ms-date is sent.
    private static readonly string[] AfterLength =
        ["Content-MD5", "Content-Type", "", "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"];

    public override void OnSendingRequest(HttpMessage message)
    {
        var signature = HMACSHA256.HashData(accountKey, Encoding.UTF8.GetBytes(StringToSign(message.Request, accountName)));
        message.Request.Headers.SetValue(HttpHeader.Names.Authorization, $"SharedKey {accountName}:{Convert.ToBase64String(signature)}");
    }

    internal static string StringToSign(Request request, string accountName)
    {
        var text = new StringBuilder();
        text.Append(request.Method.Method).Append('\n');
        Append(text, request, "Content-Encoding");
        Append(text, request, "Content-Language");
        if (request.Content is { } content && content.TryComputeLength(out var length) && length > 0) text.Append(length);
        text.Append('\n');
        foreach (var name in AfterLength) Append(text, request, name);

        foreach (var header in request.Headers
            .Where(header => header.Name.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase))
            .Select(header => (Name: header.Name.ToLowerInvariant(), Value: header.Value.Trim()))
            .OrderBy(header => header.Name, StringComparer.Ordinal))
        {
            text.Append(header.Name).Append(':').Append(header.Value).Append('\n');
        }

        var uri = request.Uri.ToUri();
        text.Append('/').Append(accountName).Append(uri.AbsolutePath);
        foreach (var parameter in Parameters(uri.Query).GroupBy(item => item.Name, StringComparer.Ordinal).OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            text.Append('\n').Append(parameter.Key).Append(':').AppendJoin(',', parameter.Select(item => item.Value).Order(StringComparer.Ordinal));
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Request request, string header)
    {
        if (header.Length > 0 && request.Headers.TryGetValue(header, out var value)) text.Append(value);
        text.Append('\n');
    }

    private static IEnumerable<(string Name, string Value)> Parameters(string query)
    {
        foreach (var part in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            var name = equals < 0 ? part : part[..equals];
            var value = equals < 0 ? string.Empty : part[(equals + 1)..];
            yield return (Uri.UnescapeDataString(name).ToLowerInvariant(), Uri.UnescapeDataString(value));
        }
    }
}

using System.Security.Cryptography;
using System.Text;
using Emulator.FunctionsHost.Indexing;
using Microsoft.AspNetCore.Http;

namespace Emulator.FunctionsHost.Triggers.Http;

/// <summary>
/// The key check of the Functions host, with one key for every level; open where no key is configured, as <c>func start</c> is.
/// </summary>
internal sealed class FunctionKey(string? key)
{
    private const string HeaderName = "x-functions-key";
    private const string QueryName = "code";

    // Hashes have one length, so the comparison does not tell the key's.
    private readonly byte[]? _hash = key is null ? null : Hash(key);

    public bool Admits(AuthLevel level, HttpRequest request)
    {
        if (_hash is null || level == AuthLevel.Anonymous)
        {
            return true;
        }

        var sent = request.Headers.TryGetValue(HeaderName, out var header) ? header.ToString() : request.Query[QueryName].ToString();
        return CryptographicOperations.FixedTimeEquals(Hash(sent), _hash);
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

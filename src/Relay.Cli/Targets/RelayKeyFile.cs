using System.Text.Json;
using Relay.Protocol.Keys;

namespace Relay.Cli.Targets;

/// <summary>
/// Public keys of a relay's vault from a file: one JWK, or <c>{"keys":[...]}</c> with the keys' identifiers (with version) as <c>kid</c>.
/// </summary>
internal sealed class RelayKeyFile
{
    private readonly List<PublicJwk> _keys = [];

    private RelayKeyFile()
    {
    }

    /// <exception cref="CliFault">The file cannot be read, or is no such file.</exception>
    public static async Task<RelayKeyFile> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        var keys = new RelayKeyFile();
        try
        {
            using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(file.FullName, cancellationToken));
            var list = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("keys", out var set)
                ? [.. set.EnumerateArray()]
                : new[] { json.RootElement };
            foreach (var item in list)
            {
                if (!PublicJwk.TryParse(System.Text.Encoding.UTF8.GetBytes(item.GetRawText()), out var key, out var error))
                {
                    throw new CliFault($"{file.Name}: {error}.", "Give the public key of relay-checkpoint as JWK.");
                }
                keys._keys.Add(key);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new CliFault(
                $"Cannot read {file.FullName}: {e.Message.Split('\n')[0]}", "Give the public key of relay-checkpoint as JWK.", e);
        }

        return keys;
    }

    /// <summary>The key of an identifier; a key without <c>kid</c> that stands alone is taken for any.</summary>
    public PublicJwk? Find(string keyId) =>
        _keys is [{ KeyId: null } only] ? only : _keys.Find(key => KeyIdentifier.TextComparer.Equals(key.KeyId, keyId));
}

namespace Emulator.KeyVault.Http;

/// <summary>A request's path: <c>/keys[/{name}[/{version}][/{operation}]]</c>, with or without a trailing slash.</summary>
/// <param name="Name">Null for the list of keys.</param>
/// <param name="Version">Null for the current one.</param>
/// <param name="Operation">Such as create, versions, sign; null for the key itself.</param>
internal readonly record struct KeyAddress(string? Name, string? Version, string? Operation)
{
    public const int MaxNameCharacters = 127;
    private const int VersionCharacters = 32;

    /// <returns>False when the path is outside <c>/keys</c> or has too many segments.</returns>
    public static bool TryParse(string path, out KeyAddress address)
    {
        address = default;
        var segments = path.TrimEnd('/').Split('/');
        if (segments.Length is < 2 or > 5 || segments[0].Length > 0 || segments[1] != "keys") return false;
        if (segments.Length == 2)
        {
            return true;
        }

        var name = segments[2];
        switch (segments.Length)
        {
            case 3:
                address = new(name, null, null);
                return true;
            case 4 when IsVersion(segments[3]):
                address = new(name, segments[3].ToLowerInvariant(), null);
                return true;
            case 4:
                address = new(name, null, segments[3]);
                return true;
            default:
                // Clients write an empty version for the current one.
                address = new(name, segments[3].Length == 0 ? null : segments[3].ToLowerInvariant(), segments[4]);
                return true;
        }
    }

    /// <summary>1 to 127 ASCII letters, digits and hyphens.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameCharacters && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '-');

    private static bool IsVersion(string segment) => segment.Length == VersionCharacters && segment.All(char.IsAsciiHexDigit);
}

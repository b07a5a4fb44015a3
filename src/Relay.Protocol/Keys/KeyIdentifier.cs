using System.Diagnostics.CodeAnalysis;

namespace Relay.Protocol.Keys;

/// <summary>
/// A Key Vault key with its version, <c>https://{host}[:port]/keys/{name}/{version}</c>.
/// One text per value: lower-case host, no default port,
/// no user, query or fragment. Kept as written and compared without case, as the vault does.
/// </summary>
/// <remarks>
/// "Objects are uniquely identified within Key Vault by using a case-insensitive
/// identifier" (Azure Key Vault, About keys, secrets and certificates).
/// </remarks>
public sealed record KeyIdentifier
{
    /// <summary>Longest text in characters: 512.</summary>
    public const int MaxLength = 512;

    private readonly int _vaultLength;

    private KeyIdentifier(string text, int vaultLength, int keyLength)
    {
        Text = text;
        Key = text[..keyLength];
        _vaultLength = vaultLength;
    }

    /// <summary>The whole identifier.</summary>
    public string Text { get; }

    /// <summary>The key without version, as the negotiation document names it: <c>https://{host}[:port]/keys/{name}</c>.</summary>
    public string Key { get; }

    /// <summary>The vault, <c>https://{host}[:port]/</c>.</summary>
    public string Vault => Text[.._vaultLength];

    /// <summary>1 to 127 of letters, digits and hyphen.</summary>
    public string Name => Key[(_vaultLength + "keys/".Length)..];

    /// <summary>1 to 64 letters and digits; Key Vault uses 32 hexadecimal digits.</summary>
    public string Version => Text[(Key.Length + 1)..];

    /// <summary>Reads a full identifier; false when the version is missing or a rule is broken.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out KeyIdentifier? identifier)
    {
        identifier = null;
        return text is not null && TryParse(text.AsSpan(), out identifier);
    }

    /// <inheritdoc cref="TryParse(string?, out KeyIdentifier?)"/>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out KeyIdentifier? identifier)
    {
        identifier = null;
        if (text.Length > MaxLength || !TryMeasureKey(text, out var vaultLength, out var keyLength)) return false;
        if (keyLength >= text.Length - 1 || !IsVersion(text[(keyLength + 1)..])) return false;
        identifier = new KeyIdentifier(text.ToString(), vaultLength, keyLength);
        return true;
    }

    /// <summary>True when <paramref name="text"/> is a key without version, as <see cref="Key"/> has it.</summary>
    public static bool IsKey([NotNullWhen(true)] string? text) =>
        text is not null && text.Length <= MaxLength && TryMeasureKey(text, out _, out var length) && length == text.Length;

    /// <summary>How the text of a key or of an identifier is compared: without case.</summary>
    public static StringComparer TextComparer => StringComparer.OrdinalIgnoreCase;

    /// <summary>True when this is a version of <paramref name="key"/>, whatever the case of either.</summary>
    /// <param name="key">A key without version, <c>https://{host}[:port]/keys/{name}</c>.</param>
    public bool IsVersionOf(string key) => TextComparer.Equals(Key, key);

    /// <inheritdoc/>
    public bool Equals(KeyIdentifier? other) => other is not null && TextComparer.Equals(Text, other.Text);

    /// <inheritdoc/>
    public override int GetHashCode() => TextComparer.GetHashCode(Text);

    /// <summary>The whole identifier.</summary>
    public override string ToString() => Text;

    // Measures "https://host[:port]/keys/name"; vaultLength includes the slash after the authority.
    private static bool TryMeasureKey(ReadOnlySpan<char> text, out int vaultLength, out int keyLength)
    {
        vaultLength = 0;
        keyLength = 0;
        const string Scheme = "https://";
        const string Keys = "keys/";
        if (!text.StartsWith(Scheme, StringComparison.Ordinal)) return false;
        var slash = text[Scheme.Length..].IndexOf('/');
        if (slash <= 0 || !IsAuthority(text.Slice(Scheme.Length, slash))) return false;
        vaultLength = Scheme.Length + slash + 1;
        var path = text[vaultLength..];
        if (!path.StartsWith(Keys, StringComparison.Ordinal)) return false;
        var name = path[Keys.Length..];
        var end = name.IndexOf('/');
        if (end >= 0) name = name[..end];
        if (name.Length is 0 or > 127) return false;
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-') return false;
        }
        keyLength = vaultLength + Keys.Length + name.Length;
        return true;
    }

    private static bool IsAuthority(ReadOnlySpan<char> authority)
    {
        var colon = authority.IndexOf(':');
        var host = colon < 0 ? authority : authority[..colon];
        if (host.Length is 0 or > 253 || host[0] is '.' or '-' || host[^1] is '.' or '-') return false;
        foreach (var c in host)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '.')) return false;
        }
        return colon < 0 || IsPort(authority[(colon + 1)..]);
    }

    private static bool IsPort(ReadOnlySpan<char> port)
    {
        if (port.Length is 0 or > 5 || port[0] == '0' || port is "443") return false;
        var value = 0;
        foreach (var c in port)
        {
            if (!char.IsAsciiDigit(c)) return false;
            value = value * 10 + (c - '0');
        }
        return value <= 65535;
    }

    private static bool IsVersion(ReadOnlySpan<char> version)
    {
        if (version.Length is 0 or > 64) return false;
        foreach (var c in version)
        {
            if (!char.IsAsciiLetterOrDigit(c)) return false;
        }
        return true;
    }
}

using System.Buffers;

namespace Relay.Core.Ledger.Store;

/// <summary>
/// The rule of names in an <see cref="ILedgerStore"/>: segments of 1 to 200 of <c>[a-z0-9._-]</c>
/// with one <c>/</c> between them, none of which ends with a dot; at most 512 characters in all.
/// </summary>
/// <remarks>
/// So every name is a safe relative path on every file system that tells no case
/// apart, and an address without escapes; <c>.</c> and <c>..</c> are no segments.
/// </remarks>
public static class LedgerBlobName
{
    /// <summary>Longest name: 512 characters.</summary>
    public const int MaxLength = 512;

    /// <summary>Longest segment: 200 characters.</summary>
    public const int MaxSegmentLength = 200;

    /// <summary>Longest content of a blob: 64 MiB.</summary>
    public const int MaxContentBytes = 64 * 1024 * 1024;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>True for a name that keeps the rule.</summary>
    public static bool IsValid(ReadOnlySpan<char> name) => name.Length is > 0 and <= MaxLength && AreSegments(name);

    /// <summary>True for the beginning of a name, the empty one among them.</summary>
    public static bool IsValidPrefix(ReadOnlySpan<char> prefix)
    {
        if (prefix.Length > MaxLength) return false;
        var slash = prefix.LastIndexOf('/');
        var rest = prefix[(slash + 1)..];
        var folder = slash < 0 ? default : prefix[..slash];
        // A dot at the end of what was given may go on ('.p' of a partial tile), but only up to another character.
        return (slash < 0 || IsValid(folder)) && (rest.IsEmpty || (rest.Length <= MaxSegmentLength && !rest.ContainsAnyExcept(Allowed)));
    }

    /// <exception cref="ArgumentException">The name breaks the rule.</exception>
    public static void ThrowIfInvalid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsValid(name))
        {
            throw new ArgumentException(
                $"expected a blob name of at most {MaxLength} characters in segments of [a-z0-9._-], got '{Shown(name)}'", nameof(name));
        }
    }

    /// <exception cref="ArgumentException">No name begins so.</exception>
    public static void ThrowIfInvalidPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (!IsValidPrefix(prefix))
        {
            throw new ArgumentException($"expected the beginning of a blob name, got '{Shown(prefix)}'", nameof(prefix));
        }
    }

    /// <exception cref="ArgumentException">The content is longer than <see cref="MaxContentBytes"/>.</exception>
    public static void ThrowIfTooLong(ReadOnlyMemory<byte> content)
    {
        if (content.Length > MaxContentBytes)
        {
            throw new ArgumentException($"expected at most {MaxContentBytes} bytes, got {content.Length}", nameof(content));
        }
    }

    private static bool AreSegments(ReadOnlySpan<char> name)
    {
        foreach (var range in name.Split('/'))
        {
            var segment = name[range];
            if (segment.Length is 0 or > MaxSegmentLength || segment.ContainsAnyExcept(Allowed) || segment[^1] == '.') return false;
        }

        return true;
    }

    private static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "...";
}

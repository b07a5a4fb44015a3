namespace Relay.Core.Diagnostics;

/// <summary>Makes text that a peer chose fit for a description or a log line.</summary>
internal static class PeerText
{
    private const int MaxChars = 96;

    /// <summary>In single quotes, at most 96 characters of it, everything but printable ASCII as '?'. Null is shown as nothing.</summary>
    public static string Quote(string? text)
    {
        if (text is null) return "nothing";
        var cut = text.Length > MaxChars;
        var kept = cut ? text.AsSpan(0, MaxChars) : text;
        return string.Create(kept.Length + (cut ? 5 : 2), text, (span, source) =>
        {
            span[0] = '\'';
            var length = Math.Min(source.Length, MaxChars);
            for (var i = 0; i < length; i++)
            {
                span[i + 1] = source[i] is >= ' ' and <= '~' and not '\'' ? source[i] : '?';
            }

            span[(length + 1)..].Fill('.');
            span[length + 1] = '\'';
        });
    }
}

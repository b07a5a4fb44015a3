using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Relay.Functions.Http;

/// <summary>
/// How long a caller prefers to wait: <c>Prefer: wait=N</c> in seconds (RFC 7240
/// section 4.3), at most <see cref="Longest"/>. What cannot be read is no preference.
/// </summary>
internal static class PreferredWait
{
    /// <summary>Longest wait: 60 s.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    public static TimeSpan Read(HttpRequest request)
    {
        foreach (var header in request.Headers["Prefer"])
        {
            foreach (var preference in (header ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                var value = preference.Split(';', 2)[0].Split('=', 2, StringSplitOptions.TrimEntries);
                if (value.Length != 2 || !value[0].Equals("wait", StringComparison.OrdinalIgnoreCase)) continue;
                if (!uint.TryParse(value[1].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                {
                    return TimeSpan.Zero;
                }
                return seconds >= Longest.TotalSeconds ? Longest : TimeSpan.FromSeconds(seconds);
            }
        }

        return TimeSpan.Zero;
    }
}

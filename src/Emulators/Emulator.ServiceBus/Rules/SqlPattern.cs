namespace Emulator.ServiceBus.Rules;

/// <summary>LIKE: <c>%</c> is any run of characters, <c>_</c> any one; what follows the escape character is meant literally.</summary>
internal static class SqlPattern
{
    /// <summary>Whether the whole text matches, code point order and case as they are.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="escape">The escape character, or null.</param>
    public static bool IsMatch(string text, string pattern, char? escape)
    {
        // Greedy with one point of return: the last run tried. O(text * pattern), no recursion.
        int at = 0, next = 0, run = -1, resume = 0;
        while (at < text.Length)
        {
            if (next < pattern.Length && pattern[next] == '%' && escape != '%')
            {
                run = next++;
                resume = at;
                continue;
            }

            if (IsMatchAt(text[at], pattern, next, escape, out var length))
            {
                at++;
                next += length;
                continue;
            }

            if (run < 0) return false;
            at = ++resume;
            next = run + 1;
        }

        while (next < pattern.Length && pattern[next] == '%' && escape != '%')
        {
            next++;
        }

        return next == pattern.Length;
    }

    /// <summary>Whether every escape character is followed by something.</summary>
    public static bool IsWellFormed(string pattern, char? escape)
    {
        for (var index = 0; index < pattern.Length; index++)
        {
            if (pattern[index] == escape && ++index == pattern.Length) return false;
        }

        return true;
    }

    private static bool IsMatchAt(char unit, string pattern, int next, char? escape, out int length)
    {
        length = 1;
        if (next >= pattern.Length) return false;
        if (pattern[next] == escape)
        {
            length = 2;
            return next + 1 < pattern.Length && pattern[next + 1] == unit;
        }

        return pattern[next] == '_' || pattern[next] == unit;
    }
}

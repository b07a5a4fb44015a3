using System.Diagnostics.CodeAnalysis;

namespace Relay.Protocol.Envelopes;

/// <summary>The rule for names of negotiations, delegations and mediators: <c>[a-z0-9]</c>, then up to 49 of <c>[a-z0-9-]</c>.</summary>
public static class RelayName
{
    /// <summary>Longest name in characters: 50.</summary>
    public const int MaxLength = 50;

    /// <summary>True when <paramref name="name"/> keeps the rule; false for null.</summary>
    public static bool IsValid([NotNullWhen(true)] string? name) => name is not null && IsValid(name.AsSpan());

    /// <summary>True when <paramref name="name"/> keeps the rule.</summary>
    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxLength || name[0] == '-') return false;
        foreach (var c in name)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')) return false;
        }
        return true;
    }

    internal static bool IsValid(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > MaxLength || name[0] == (byte)'-') return false;
        foreach (var c in name)
        {
            if (c is not ((>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'-')) return false;
        }
        return true;
    }
}

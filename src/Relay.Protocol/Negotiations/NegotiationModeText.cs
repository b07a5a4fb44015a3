namespace Relay.Protocol.Negotiations;

/// <summary>Modes as documents, entries, heads and HTTP spell them.</summary>
public static class NegotiationModeText
{
    /// <summary><c>open</c>, <c>read-only</c> or <c>closed</c>.</summary>
    public static string ToText(this NegotiationMode mode) => mode switch
    {
        NegotiationMode.Open => "open",
        NegotiationMode.ReadOnly => "read-only",
        NegotiationMode.Closed => "closed",
    };

    /// <summary>Reads one; false for any other text.</summary>
    public static bool TryParse(string? text, out NegotiationMode mode)
    {
        foreach (var known in Enum.GetValues<NegotiationMode>())
        {
            mode = known;
            if (text == known.ToText()) return true;
        }

        mode = NegotiationMode.Closed;
        return false;
    }
}

namespace Relay.Protocol.Envelopes;

/// <summary>The two ways through the relay; each has its own queue and its own sequence.</summary>
public enum Lane
{
    /// <summary>Queue <c>envelopes</c>; text <c>normal</c>.</summary>
    Normal,

    /// <summary>Queue <c>envelopes-urgent</c>; text <c>urgent</c>.</summary>
    Urgent,
}

/// <summary>Text of lanes as it stands in envelope ids.</summary>
public static class LaneText
{
    /// <summary><c>normal</c> or <c>urgent</c>.</summary>
    public static string ToText(this Lane lane) => lane switch
    {
        Lane.Normal => "normal",
        Lane.Urgent => "urgent",
    };

    /// <summary>Reads <c>normal</c> or <c>urgent</c>, in lower case only.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Lane lane)
    {
        lane = text is "urgent" ? Lane.Urgent : Lane.Normal;
        return text is "normal" or "urgent";
    }
}

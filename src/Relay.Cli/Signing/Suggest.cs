using System.Globalization;
using Relay.Cli.Printing;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Signing;

/// <summary>Command lines to suggest; they can be pasted as they are.</summary>
internal static class Suggest
{
    private const string UsualState = ".relay";

    /// <summary>Makes a sequence of a stream again.</summary>
    public static string Again(StreamFile stream, long sequence)
    {
        var lane = stream.Stream.Lane == Lane.Normal ? "" : $" --lane {stream.Stream.Lane.ToText()}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"relay sign --again {sequence} --from {stream.Stream.Sender} --negotiation {stream.Stream.Negotiation}{lane}{State(stream)} --out {FileOf(stream, sequence)}");
    }

    /// <summary>Makes a sequence of a stream again and hands it over.</summary>
    public static string AgainAndSubmit(StreamFile stream, long sequence) =>
        $"{Again(stream, sequence)}, then relay submit {FileOf(stream, sequence)}{State(stream)}";

    /// <summary>Says where the sender's streams stand, and what to do.</summary>
    public static string Status(StreamFile stream) => $"relay status {stream.Stream.Sender} --negotiation {stream.Stream.Negotiation}{State(stream)}";

    // The two lanes number by themselves: one name for both would be a file that is there already.
    private static string FileOf(StreamFile stream, long sequence) =>
        string.Create(CultureInfo.InvariantCulture, $"{stream.Stream.Sender}-{stream.Stream.Lane.ToText()}-{sequence}.json");

    private static string State(StreamFile stream) =>
        stream.StateFolder == Path.GetFullPath(UsualState) ? "" : $" --state {ShellWord.Of(stream.StateFolder)}";
}

using System.Globalization;
using Relay.Cli.Printing;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Signing;

/// <summary>Command lines to suggest; they can be pasted as they are.</summary>
internal static class Suggest
{
    /// <summary>Makes a sequence of a stream again.</summary>
    public static string Again(StreamFile stream, long sequence)
    {
        string[] lane = stream.Stream.Lane == Lane.Normal ? [] : ["--lane", stream.Stream.Lane.ToText()];
        return PastedCommand.Of(
            stream.StateFolder,
            [
                "sign", "--again", Text(sequence), "--from", stream.Stream.Sender, "--negotiation", stream.Stream.Negotiation, .. lane,
                "--out", FileOf(stream, sequence),
            ]);
    }

    /// <summary>Makes a sequence of a stream again and hands it over.</summary>
    public static string AgainAndSubmit(StreamFile stream, long sequence) =>
        $"{Again(stream, sequence)}, then {PastedCommand.Of(stream.StateFolder, "submit", FileOf(stream, sequence))}";

    /// <summary>Says where the sender's streams stand, and what to do.</summary>
    public static string Status(StreamFile stream) =>
        PastedCommand.Of(stream.StateFolder, "status", stream.Stream.Sender, "--negotiation", stream.Stream.Negotiation);

    // The two lanes number by themselves: one name for both would be a file that is there already.
    private static string FileOf(StreamFile stream, long sequence) =>
        $"{stream.Stream.Sender}-{stream.Stream.Lane.ToText()}-{Text(sequence)}.json";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Text.Encodings.Web;
using System.Text.Json;
using Relay.Client.Ledger;
using Relay.Protocol.Ledger;

namespace Relay.Cli.Signing;

/// <summary>
/// What <c>relay status --json</c> prints, for scripts: names and meanings stand in the README of this project and stay what they are;
/// more may be added.
/// </summary>
internal static class SentJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // Ids have a slash and times a plus; what reads this is no web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The document, UTF-8, with a line feed at its end.</summary>
    public static byte[] Write(string negotiation, string sender, DateTimeOffset now, IReadOnlyList<SentStreamReport> streams)
    {
        var tally = SentStreamReport.Tally(streams);
        var document = new StatusDocument(
            negotiation, sender, now, VerdictOf(tally.ExitCode), tally.AllLogged, [.. streams.Select(stream => Of(stream))]);
        return [.. JsonSerializer.SerializeToUtf8Bytes(document, Options), (byte)'\n'];
    }

    private static string VerdictOf(int exitCode) => exitCode switch
    {
        ExitCode.Good => "good",
        ExitCode.Bad => "bad",
        _ => "not-proved",
    };

    private static StatusStream Of(SentStreamReport stream) => new(
        stream.Report.Stream.ToString(),
        stream.Report.Made,
        stream.Report.Logged,
        stream.Refusal,
        stream.Report.UnderWay,
        stream.Report.Problems,
        [.. stream.Envelopes.Select(Of)]);

    private static StatusEnvelope Of(SentState state) => new(
        state.Id.ToString(),
        state.SentAt,
        state.Index,
        state.At,
        [.. state.Answers.Select(answer => Of(answer, true)), .. state.Unproved.Select(answer => Of(answer, false))],
        state.Silent);

    private static StatusAnswer Of(EnvelopeAnswer answer, bool isProved) => new(
        answer.Said.Delegation,
        answer.Said.State == AcknowledgedState.Opened ? "opened" : "refused",
        answer.Said.Reason,
        answer.Said.IssuedAt,
        answer.Index,
        isProved);

    private sealed record StatusDocument(
        string Negotiation, string Sender, DateTimeOffset At, string Verdict, bool AllLogged, IReadOnlyList<StatusStream> Streams);

    private sealed record StatusStream(
        string Name,
        long Made,
        long? Logged,
        string? Refusal,
        IReadOnlyList<long> UnderWay,
        IReadOnlyList<StreamProblem> Problems,
        IReadOnlyList<StatusEnvelope> Envelopes);

    private sealed record StatusEnvelope(
        string Id,
        DateTimeOffset? SentAt,
        long Index,
        DateTimeOffset AcceptedAt,
        IReadOnlyList<StatusAnswer> Answers,
        IReadOnlyList<string> Silent);

    private sealed record StatusAnswer(string Delegation, string State, string? Reason, DateTimeOffset At, long Index, bool Proved);
}

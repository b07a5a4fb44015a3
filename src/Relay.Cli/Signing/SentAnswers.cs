using System.Globalization;
using Relay.Cli.Printing;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Signing;

/// <summary>What became of a sender's own envelopes: sent, accepted, opened or refused, or no answer since when.</summary>
internal static class SentAnswers
{
    // Newest ones that are shown whatever was said of them, and earlier ones that were refused or are without an answer.
    private const int Newest = 20;
    private const int Earlier = 20;

    /// <summary>What an audit found in the ledger; every signature in it is verified.</summary>
    public static SentStreamReport Of(
        StreamReport report, string? refusal, IReadOnlyList<SentEnvelope> sent, Func<EnvelopeId, DateTimeOffset?> sentAt)
    {
        var split = Math.Max(0, sent.Count - Newest);
        var open = sent.Take(split).Where(IsOpen).ToList();
        var shown = open.Take(Earlier).Concat(sent.Skip(split)).Select(
            envelope => new SentState(
                envelope.Id, sentAt(envelope.Id), envelope.Index, envelope.At, envelope.Answers, [.. envelope.Silent], []));
        return new SentStreamReport(report, refusal, [.. shown], split - open.Count, Math.Max(0, open.Count - Earlier));
    }

    /// <summary>What the relay says of the newest envelopes of a stream, as far as signatures in it verify.</summary>
    public static async Task<IReadOnlyList<SentState>> ReadAsync(
        StreamFile stream, RelayWord word, long last, IReadOnlyList<NegotiationDocument> documents, CancellationToken cancellationToken)
    {
        var shown = new List<SentState>();
        for (var sequence = Math.Max(1, last - Newest + 1); sequence <= last; sequence++)
        {
            var found = await word.FindAsync(sequence, cancellationToken);
            if (found is not { Place: EnvelopePlace.Logged, Index: { } index, At: { } at }) continue;
            var (id, copy) = (stream.IdOf(sequence), stream.Find(sequence));
            var answers = found.Answers.Where(answer => IsTrue(answer.Said, id, found, documents)).ToList();
            var silent = (copy?.Head.Audience ?? []).Where(name => !answers.Exists(answer => answer.Said.Delegation == name));
            shown.Add(new SentState(id, copy?.Head.IssuedAt, index, at, answers, [.. silent], [.. found.Answers.Except(answers)]));
        }
        return shown;
    }

    /// <summary>Prints them, a line each.</summary>
    public static void Print(Terminal terminal, SentStreamReport stream)
    {
        foreach (var envelope in stream.Envelopes) Say(terminal, envelope);
        if (stream.EarlierOpened > 0) terminal.Out.Say($"  {stream.EarlierOpened} earlier ones were opened by everyone they are for");
        if (stream.EarlierOpen > 0) terminal.Out.Say($"  {stream.EarlierOpen} further ones were refused or are without an answer");
    }

    private static bool IsOpen(SentEnvelope envelope) =>
        envelope.Answers.Count < envelope.Audience.Length || envelope.Answers.Any(answer => answer.Said.State == AcknowledgedState.Refused);

    private static bool IsTrue(
        Acknowledgement said, EnvelopeId id, in EnvelopeWhereabouts found, IReadOnlyList<NegotiationDocument> documents) =>
        said.Id == id
            && said.Digest == found.Digest
            && documents.Any(document => said.Verify(document, out _) == AcknowledgementFault.None);

    private static void Say(Terminal terminal, SentState envelope)
    {
        foreach (var made in envelope.Unproved)
        {
            terminal.Out.Say(
                $"[red]not proved:[/] the relay has '{made.Said}' of {made.Said.Delegation}, which no key known here has signed");
        }
        var parts = new List<string>();
        if (envelope.SentAt is { } sentAt) parts.Add(Text($"sent {sentAt:u}"));
        parts.Add(Text($"accepted {envelope.At:u} as entry {envelope.Index}"));
        parts.AddRange(envelope.Answers.Select(answer =>
            Text($"{answer.Said} by {answer.Said.Delegation} {answer.Said.IssuedAt:u} (entry {answer.Index})")));
        parts.AddRange(envelope.Silent.Select(name => Text($"no answer of {name} since {envelope.At:u}")));
        terminal.Out.Say($"  {envelope.Id}: {string.Join("; ", parts)}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using Relay.Cli.Printing;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Signing;

/// <summary>Prints what became of a sender's own envelopes: sent, accepted, opened or refused, or no answer since when.</summary>
internal static class SentAnswers
{
    // Newest ones that are shown whatever was said of them, and earlier ones that were refused or are without an answer.
    private const int Newest = 20;
    private const int Earlier = 20;

    /// <summary>What an audit found in the ledger; every signature in it is verified.</summary>
    public static void Print(Terminal terminal, IReadOnlyList<SentEnvelope> sent, Func<EnvelopeId, DateTimeOffset?> sentAt)
    {
        var split = Math.Max(0, sent.Count - Newest);
        var open = sent.Take(split).Where(IsOpen).ToList();
        foreach (var envelope in open.Take(Earlier).Concat(sent.Skip(split)))
        {
            Say(terminal, envelope.Id, sentAt(envelope.Id), envelope.Index, envelope.At, envelope.Answers, envelope.Silent);
        }

        var (opened, more) = (split - open.Count, Math.Max(0, open.Count - Earlier));
        if (opened > 0) terminal.Out.Say($"  {opened} earlier ones were opened by everyone they are for");
        if (more > 0) terminal.Out.Say($"  {more} further ones were refused or are without an answer");
    }

    /// <summary>What the relay says of the newest envelopes of a stream, as far as signatures in it verify.</summary>
    public static async Task PrintAsync(
        Terminal terminal,
        StreamFile stream,
        RelayWord word,
        long last,
        IReadOnlyList<NegotiationDocument> documents,
        CancellationToken cancellationToken)
    {
        for (var sequence = Math.Max(1, last - Newest + 1); sequence <= last; sequence++)
        {
            var found = await word.FindAsync(sequence, cancellationToken);
            if (found is not { Place: EnvelopePlace.Logged, Index: { } index, At: { } at }) continue;
            var copy = stream.Find(sequence);
            var answers = found.Answers.Where(answer => IsTrue(answer.Said, stream.IdOf(sequence), found, documents)).ToList();
            foreach (var made in found.Answers.Except(answers))
            {
                terminal.Out.Say(
                    $"[red]not proved:[/] the relay has '{made.Said}' of {made.Said.Delegation}, which no key known here has signed");
            }

            var silent = (copy?.Head.Audience ?? []).Where(name => !answers.Exists(answer => answer.Said.Delegation == name));
            Say(terminal, stream.IdOf(sequence), copy?.Head.IssuedAt, index, at, answers, silent);
        }
    }

    private static bool IsOpen(SentEnvelope envelope) =>
        envelope.Answers.Count < envelope.Audience.Length || envelope.Answers.Any(answer => answer.Said.State == AcknowledgedState.Refused);

    private static bool IsTrue(
        Acknowledgement said, EnvelopeId id, in EnvelopeWhereabouts found, IReadOnlyList<NegotiationDocument> documents) =>
        said.Id == id
            && said.Digest == found.Digest
            && documents.Any(document => said.Verify(document, out _) == AcknowledgementFault.None);

    private static void Say(
        Terminal terminal,
        EnvelopeId id,
        DateTimeOffset? sentAt,
        long index,
        DateTimeOffset at,
        IReadOnlyList<EnvelopeAnswer> answers,
        IEnumerable<string> silent)
    {
        var parts = new List<string>();
        if (sentAt is { } made) parts.Add(Text($"sent {made:u}"));
        parts.Add(Text($"accepted {at:u} as entry {index}"));
        parts.AddRange(answers.Select(answer =>
            Text($"{answer.Said} by {answer.Said.Delegation} {answer.Said.IssuedAt:u} (entry {answer.Index})")));
        parts.AddRange(silent.Select(name => Text($"no answer of {name} since {at:u}")));
        terminal.Out.Say($"  {id}: {string.Join("; ", parts)}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

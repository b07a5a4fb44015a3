using System.Text;
using Relay.LyingRelay.Forging;
using Relay.LyingRelay.Serving;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.LyingRelay.Lies;

/// <summary>Acknowledgements that nobody made, or not of this, or more than once.</summary>
internal static class AnswerLies
{
    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.HonestAnswer] = new("tells no lie, and has logged that a recipient opened an envelope")
        {
            IsHonest = true,
            Write = static (telling, entries) => AnswerAsync(telling, entries, "iran", "us/normal/1", false, 1),
        },
        [LieKind.AnswerByTheRelay] = new("logs an acknowledgement that it signed itself in a recipient's name")
        {
            Write = static (telling, entries) => AnswerAsync(telling, entries, "iran", "us/normal/1", true, 1),
        },
        [LieKind.AnswerByAnother] = new("logs the acknowledgement of a delegation that the envelope is not for")
        {
            Write = static (telling, entries) => AnswerAsync(telling, entries, "oman", "us/normal/1", false, 1),
        },
        [LieKind.AnswerTwice] = new("logs a recipient's acknowledgement a second time")
        {
            Write = static (telling, entries) => AnswerAsync(telling, entries, "iran", "us/normal/1", false, 2),
        },
        // Iran has it, and nobody else: no entry of it comes before the answer to it, nor after.
        [LieKind.AnswerToNothing] = new("logs a recipient's acknowledgement, and nothing of the envelope that it acknowledges")
        {
            Write = static async (telling, entries) =>
            {
                await AnswerAsync(telling, entries, "iran", "us/normal/7", false, 1);
                entries.RemoveAt(EntryText.Find(entries, "us/normal/7"));
            },
        },
        [LieKind.AnswerSuppressed] = new("logs nothing of an acknowledgement, and gives a receipt of it out of a tree that nobody is shown")
        {
            Acknowledge = static async (telling, said) =>
            {
                var entry = EntryOf(telling, said, telling.Entries());
                var hidden = await telling.ForgeAsync([.. telling.Entries(), entry.ToBytes()]);
                return new Answer(201, Encoding.UTF8.GetBytes(await hidden.ReceiptAsync(hidden.Tree.Size - 1)));
            },
        },
        [LieKind.AnswerNotTaken] = new("takes no acknowledgement")
        {
            Acknowledge = static (_, _) => Task.FromResult(Answer.NotThere),
        },
        [LieKind.AnswerOfOtherContent] = new("logs an acknowledgement of another envelope than the one of that id in its ledger")
        {
            Write = static async (telling, entries) =>
            {
                var said = telling.Said("us/normal/1");
                var answer = await telling.Company.AcknowledgeAsync("iran", said.Id, Digest.Of("another"u8), false);
                entries.Add(EntryOf(telling, answer, entries).ToBytes());
            },
        },
    };

    private static async Task AnswerAsync(Telling telling, List<byte[]> entries, string by, string name, bool isForged, int times)
    {
        var said = telling.Said(name);
        var answer = await telling.Company.AcknowledgeAsync(by, said.Id, said.Digest, isForged);
        var entry = EntryOf(telling, answer, entries).ToBytes();
        entries.AddRange(Enumerable.Repeat(entry, times));
    }

    private static AcknowledgementEntry EntryOf(Telling telling, Acknowledgement said, List<byte[]> entries) => new()
    {
        Policy = telling.Company.Document.PolicyDigest,
        Acknowledgement = said,
        At = TimeOf(entries),
    };

    private static DateTimeOffset TimeOf(List<byte[]> entries) => EntryText.Envelope(entries[^1])!.At;
}

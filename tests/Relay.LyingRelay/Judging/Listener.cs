using Relay.Cli.Targets;
using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Client.Tests;
using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Lies;
using Relay.Testing;

namespace Relay.LyingRelay.Judging;

/// <summary>What <c>relay listen</c> does, with a bus that is a list.</summary>
internal static class Listener
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);

    /// <summary>Receives everything, keeps what listen keeps, and says what it refuses.</summary>
    public static async Task<IReadOnlyList<Word>> ListenAsync(
        Telling telling, Stage stage, string party, IEnumerable<Delivery> deliveries, Step step, ManualTimeProvider time)
    {
        var words = new List<Word>();
        var state = Company.StateOf(stage.Folder, party);
        var keys = await PublicKeyFiles.ReadAsync(new FileInfo(stage.KeyFile), CancellationToken.None);
        using var trust = new LedgerTrust(Company.RelayName, Company.Negotiation, Company.VaultKey, keys, time);
        using var http = new HttpClient { BaseAddress = stage.Server.UrlOf(party) };
        var folder = DelegationFolder.Open(state, party, time);
        var kept = await folder.ReadInboxAsync(Company.Negotiation, trust.Origin, CancellationToken.None);
        var documents = await DocumentFile.ReadAllAsync(state, Company.Negotiation, CancellationToken.None);
        var log = new HttpLedgerLog(http, Company.Negotiation, time);
        var checks = LedgerTarget.Checks(trust, kept, log, documents, time);
        var inspector = new EnvelopeInspector(
            telling.Company.Document, party, [telling.Company.EncryptionOf(party)], keys, kept.Streams, checks, time);
        var bus = new FakeBus { Waits = time.Advance };
        var inbox = new DelegationInbox(
            bus,
            inspector,
            InboxOrder.Default,
            (result, token) => folder.SaveInboxAsync(Company.Negotiation, kept, result.ToArrivalRecord(), token),
            time);
        await using (inbox.ConfigureAwait(false))
        {
            foreach (var delivery in deliveries.OrderBy(delivery => delivery.Late))
            {
                time.Advance(delivery.Late + TimeSpan.FromSeconds(1));
                bus.Inbox.Enqueue(delivery.Wire);
                if (delivery.Receipt is { } receipt) bus.Receipts.Enqueue(receipt);
                // One that comes without has no property, so it must not take the next one's.
                await TakeAllAsync(inbox, party, step, words);
            }
        }


        return words;
    }

    /// <summary>Says that an envelope was opened, as the outbox of listen does, and keeps of the answer what it keeps.</summary>
    public static async Task<Word> AcknowledgeAsync(Telling telling, Stage stage, string party, string name, TimeProvider time)
    {
        var state = Company.StateOf(stage.Folder, party);
        var keys = await PublicKeyFiles.ReadAsync(new FileInfo(stage.KeyFile), CancellationToken.None);
        using var trust = new LedgerTrust(Company.RelayName, Company.Negotiation, Company.VaultKey, keys, time);
        using var http = new HttpClient { BaseAddress = stage.Server.UrlOf(party) };
        var folder = DelegationFolder.Open(state, party, time);
        var kept = await folder.ReadInboxAsync(Company.Negotiation, trust.Origin, CancellationToken.None);
        var submitter = new AcknowledgementSubmitter(http, trust, telling.Company.Document, time, kept.View);
        var said = telling.Said(name);
        var reply = await submitter.SendAsync(
            await telling.Company.AcknowledgeAsync(party, said.Id, said.Digest, isForged: false), CancellationToken.None);
        if (reply.Receipt is not null) await folder.SaveInboxAsync(Company.Negotiation, kept, null, CancellationToken.None);
        var code = reply.Kind switch
        {
            AcknowledgementReplyKind.Logged => "",
            AcknowledgementReplyKind.Refused => "refused",
            AcknowledgementReplyKind.NotYet => "not-yet",
            AcknowledgementReplyKind.NotNow => "not-now",
        };
        return new Word(Step.Arrival, party, "acknowledgement", code, null, reply.Detail);
    }

    private static async Task TakeAllAsync(DelegationInbox inbox, string party, Step step, List<Word> words)
    {
        while (await inbox.ReceiveAsync(Poll, CancellationToken.None) is { } message)
        {
            var result = message.Result;
            if (result.EarlierCheckpoint is { } earlier) words.Add(new Word(step, party, "listen", "ledger-not-consistent", null, earlier));
            if (result.Fault != InboxFault.None) words.Add(new Word(step, party, "listen", result.Code, null, result.Detail));
            await message.SettleAsync(CancellationToken.None);
        }

        if (inbox.WaitReason is { } reason) words.Add(new Word(step, party, "listen", "not-now", null, reason));
    }
}

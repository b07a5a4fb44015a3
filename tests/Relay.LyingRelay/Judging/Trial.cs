using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Forging;
using Relay.LyingRelay.Lies;
using Relay.LyingRelay.Serving;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Testing;

namespace Relay.LyingRelay.Judging;

/// <summary>
/// Tells one lie from the first envelope to the last audit: everything that us and iran have said goes through the relay, everybody
/// listens, everybody audits; as long as nobody has noticed anything, us says one thing more, with what it has seen of the ledger, and
/// everybody looks again.
/// </summary>
internal static class Trial
{
    /// <returns>What every tool said.</returns>
    public static async Task<IReadOnlyList<Word>> RunAsync(Company company, LogServer server, Lie lie, string folder)
    {
        using var telling = new Telling(company, lie);
        company.CopyTo(folder);
        var keyFile = Path.Combine(folder, "keys.json");
        await File.WriteAllBytesAsync(keyFile, lie.KeyFile?.Invoke(telling) ?? await File.ReadAllBytesAsync(company.KeyFile));
        var stage = new Stage(folder, keyFile, company.Pem, server);
        server.Tell(telling);
        var words = new List<Word>();
        await using var relay = new RealRelay(telling);
        var deliveries = await TakeAsync(telling, relay, company.Said);
        await ListenAsync(telling, stage, deliveries, Step.Arrival, Company.Epoch + lie.ListensAfter, words);
        if (lie.Acknowledge is not null)
        {
            var time = new HastyTime(Company.Epoch + lie.ListensAfter + TimeSpan.FromMinutes(2));
            words.Add(await Listener.AcknowledgeAsync(telling, stage, "iran", "us/normal/1", time));
        }

        if (lie.Later is { } later) await later(telling);
        words.AddRange(await Tools.RunAsync(telling, stage, deliveries, Step.Audit, new HastyTime(Company.Audited)));
        if (words.Exists(word => word.Notices) || lie.Unseen is not null) return words;

        var seen = await Relay.Cli.Targets.DelegationFolder.Open(Company.StateOf(folder, "us"), "us", TimeProvider.System)
            .ReadInboxAsync(Company.Negotiation, Company.Origin, CancellationToken.None);
        var last = await company.SayLastAsync(folder, seen.View);
        var next = await TakeAsync(telling, relay, [last]);
        await ListenAsync(telling, stage, next, Step.NextEnvelope, Company.Audited.AddMinutes(1), words);
        words.AddRange(await Tools.RunAsync(telling, stage, next, Step.NextAudit, new HastyTime(Company.Audited.AddMinutes(20))));
        return words;
    }

    private static async Task<List<Delivery>> TakeAsync(Telling telling, RealRelay relay, IEnumerable<Envelope> said)
    {
        var deliveries = new List<Delivery>();
        foreach (var envelope in said)
        {
            var taken = telling.Lie.Take is { } take ? await take(telling, envelope) : envelope;
            if (taken is null) continue;
            if (telling.Ledger is null) deliveries.AddRange(await relay.RelayAsync(taken));
            else deliveries.AddRange(await WriteAsync(telling, taken));
        }

        if (telling.Lie.Write is { } write && telling.Ledger is null)
        {
            var entries = telling.Entries();
            await write(telling, entries);
            await telling.RewriteAsync(entries);
            foreach (var delivery in deliveries.ToList()) await ReissueAsync(telling.Ledger!, delivery, deliveries);
        }

        if (telling.Lie.Forward is { } forward) await forward(telling, deliveries);
        return deliveries;
    }

    // A relay whose ledger is of its own making goes on by the same rules.
    private static async Task<List<Delivery>> WriteAsync(Telling telling, Envelope envelope)
    {
        var signed = envelope.SignedBy(Enumerable.Range(0, envelope.Signatures.Length));
        var judged = new JudgedHead(telling.Company.Document.PolicyDigest, signed);
        var entry = new EnvelopeEntry { Judged = judged, At = envelope.Head.IssuedAt.AddSeconds(1) };
        await telling.Ledger!.AppendAsync([entry.ToBytes()]);
        if (telling.Fork is { } fork) await fork.AppendAsync([entry.ToBytes()]);
        var index = telling.Ledger.IndexOf(envelope.Digest);
        var receipt = await telling.Ledger.ReceiptAsync(index);
        return [.. envelope.Head.Audience.Select(to => new Delivery(to, envelope) { Receipt = receipt })];
    }

    private static async Task ReissueAsync(Forge ledger, Delivery delivery, List<Delivery> deliveries)
    {
        var index = ledger.IndexOf(delivery.Said.Digest);
        if (index < 0) deliveries.Remove(delivery);
        else delivery.Receipt = await ledger.ReceiptAsync(index);
    }

    private static async Task ListenAsync(
        Telling telling, Stage stage, List<Delivery> deliveries, Step step, DateTimeOffset from, List<Word> words)
    {
        foreach (var party in Company.Delegations)
        {
            var own = deliveries.Where(delivery => delivery.To == party);
            words.AddRange(await Listener.ListenAsync(telling, stage, party, own, step, new ManualTimeProvider(from)));
        }
    }
}

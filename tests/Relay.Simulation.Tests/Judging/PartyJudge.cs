using Relay.Checker;
using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Protocol.Ledger;
using Relay.Simulation.Tests.Bus;
using Relay.Simulation.Tests.Ledgers;
using Relay.Simulation.Tests.Workers;
using Relay.Testing;

namespace Relay.Simulation.Tests.Judging;

/// <summary>
/// One delegation of the world, drawn from the seed, with the tools that it has: it inspects what its topic brought, in that order and by a
/// clock that may be half a minute off, keeps what an inbox keeps, may be restarted in between, and audits in the end; the store is
/// checked.
/// The relay was honest, so nothing may be said against it.
/// </summary>
internal sealed class PartyJudge(
    Plan plan, SimStore store, SimBus bus, Random random, string name, DateTimeOffset end)
{
    private readonly TimeSpan _ahead = TimeSpan.FromSeconds(random.Next(-30, 31));
    private readonly int _failOneIn = random.Next(3) == 0 ? 3 : 0;

    /// <exception cref="Xunit.Sdk.XunitException">A tool accuses the relay; the message says of what.</exception>
    /// <returns>How many negotiations it looked at.</returns>
    public int Check()
    {
        var traces = 0;
        foreach (var negotiation in Envelopes.Negotiations)
        {
            if (FinalLedger.Read(store, negotiation) is not { } ledger) continue;
            Done(CheckAsync(negotiation, ledger));
            traces++;
        }

        return traces;
    }

    /// <exception cref="Xunit.Sdk.XunitException">The checker finds something; the message says what.</exception>
    public void CheckStore()
    {
        var report = Done(
            new LedgerChecker(new StoreUnderCheck(store), FindRelay, FindMediator).CheckAsync(null, CancellationToken.None));
        Assert.True(
            report.Ledgers.All(ledger => ledger.IsProved),
            $"check finds {string.Join("; ", report.Ledgers.SelectMany(ledger => ledger.Findings.Concat(ledger.Unproved)))}");
    }

    private async Task<bool> CheckAsync(string negotiation, FinalLedger ledger)
    {
        var time = new ManualTimeProvider(Envelopes.Epoch + _ahead);
        var keys = new PinnedMediatorKeys(Envelopes.PublicKeys);
        using var trust = new LedgerTrust(World.RelayName, negotiation, SimVault.KeyName, keys, time);
        var log = new SimLog(negotiation, ledger, () => _failOneIn > 0 && random.Next(_failOneIn) == 0);
        var state = InboxState.Create(trust.Origin);
        var arrivals = new List<ArrivalRecord>();
        var documents = new[] { Envelopes.Parsed(negotiation, 1), Envelopes.Parsed(negotiation, 2) };
        var came = bus.Topics.GetValueOrDefault("delegation-" + name, []).Where(message => message.Id.Negotiation == negotiation).ToList();
        var restartAt = random.Next(2) == 0 ? -1 : random.Next(came.Count + 1);
        for (var i = 0; i < came.Count; i++)
        {
            if (i == restartAt) Assert.True(InboxState.TryParse(state.ToBytes(), trust.Origin, out state!));
            var wait = came[i].At + _ahead - time.GetUtcNow();
            if (wait > TimeSpan.Zero) time.Advance(wait);
            var checks = new LedgerChecks(trust, state.View, log, documents, TimeSpan.Zero, time);
            var inspector = new EnvelopeInspector(
                documents[0], name, [Envelopes.EncryptionOf(name)], keys, state.Streams, checks, time);
            var result = await inspector.InspectAsync(
                came[i].Body, System.Text.Encoding.UTF8.GetString(came[i].Receipt), CancellationToken.None);
            Judge(came[i], result);
            if (result.ToArrivalRecord() is not { } arrival) continue;
            state.Streams.Settle(arrival.Id);
            arrivals.Add(arrival);
        }

        var left = end - time.GetUtcNow();
        time.Advance(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        await AuditAsync(negotiation, new LedgerAuditor(
            trust, state.View, new SimLog(negotiation, ledger, static () => false), new EntryJudge(documents, keys), name,
            TimeSpan.Zero, TimeSpan.Zero, time), arrivals);
        return true;
    }

    private async Task AuditAsync(string negotiation, LedgerAuditor auditor, List<ArrivalRecord> arrivals)
    {
        var report = await auditor.RunAsync(arrivals, CancellationToken.None);
        foreach (var finding in report.Findings)
        {
            // What expired before any topic could take it is in the ledger and has not come: true, and no lie.
            var expired = plan.Streams.Find(
                stream => stream.ShortLived && finding.Detail.Contains($" {stream.Stream}/", StringComparison.Ordinal));
            Assert.True(finding.Kind == AuditKind.Missing && expired is not null, $"audit of {name}: {finding.Kind}: {finding.Detail}");
        }

        Assert.NotNull(report.Ends);
        foreach (var (stream, (sequence, digest)) in report.Ends.Where(pair => pair.Key.Negotiation == negotiation))
        {
            var said = plan.Streams.Single(each => each.Stream == stream).Said;
            Assert.Contains(said, each => each.Id.Sequence == sequence && each.Envelope.Digest == digest);
        }
    }

    private void Judge(SimBus.Forwarded message, InboxResult result)
    {
        var isShortLived = plan.Streams.Single(stream => stream.Stream == message.Id.Stream).ShortLived;
        var isFine = result.Fault is InboxFault.None or InboxFault.Duplicate || (result.Fault == InboxFault.Expired && isShortLived);
        Assert.True(isFine, $"{name} refuses {message.Id} at {message.At:O}: {result.Code}: {result.Detail}");
        Assert.True(result.EarlierCheckpoint is null, $"{name} at {message.Id}: {result.EarlierCheckpoint}");
    }

    private static ValueTask<Protocol.Keys.PublicJwk?> FindRelay(string keyId, CancellationToken cancellationToken) =>
        new(Protocol.Keys.KeyIdentifier.TryParse(keyId, out var id) ? SimVault.Find(id)?.Public : null);

    private static ValueTask<Checker.DatedKey?> FindMediator(string keyId, CancellationToken cancellationToken) =>
        new(Envelopes.PublicKeys.GetValueOrDefault(keyId) is { } key
            ? new Checker.DatedKey(key.Public, null, null, null)
            : null);

    // Everything here is in memory and answers at once.
    private static T Done<T>(Task<T> task)
    {
        Assert.True(task.IsCompleted, "Expected an answer at once.");
#pragma warning disable VSTHRD002 // It has completed: nothing waits here.
        return task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }
}

using Relay.Cli.Targets;
using Relay.Core.Ledger.State;
using Relay.Core.Tests;
using Relay.Core.Tests.Ledger.Commit;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;
using StoreFault = Relay.Core.Tests.Ledger.Commit.StoreFault;

namespace Relay.Checker.Tests;

/// <summary>Acknowledgements, true ones that the committer logged and false ones that only a relay that lies would.</summary>
public sealed class AcknowledgementCheckTests
{
    private const string Ledger = TestNegotiation.Name;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(65_536)]
    public async Task Check_AfterACrashAtEveryCall_FindsNothing(int publishBeyond)
    {
        var calls = 0;
        for (var crash = 0; crash <= calls; crash++)
        {
            await using var fixture = new LedgerFixture { Document = TestIdentities.ParsedDocument() };
            fixture.Options.PublishBeyond = publishBeyond;
            var at = crash;
            fixture.Faults.Next = (call, _, _) => call >= at && at > 0 ? StoreFault.Refused : StoreFault.None;
            foreach (var envelope in fixture.Chain(2))
            {
                await fixture.CommitAsync(envelope);
                await fixture.AcknowledgeAsync(TestIdentities.Say(envelope.Envelope.Head, "iran"));
            }

            await fixture.Ledgers.DisposeAsync();
            if (crash == 0) calls = fixture.Faults.Calls;
            var report = await new LedgerChecker(
                new StoreToCheck(fixture.Store), null, LedgerFixture.FindMediatorAsync).CheckAsync(null, Cancel);
            Assert.True(report.IsClean, $"call {crash}: " + string.Join('\n', report.Ledgers.SelectMany(ledger => ledger.Findings)));
            if (crash > 0) continue;
            var ledger = Assert.Single(report.Ledgers);
            Assert.Equal((5, 2, 2), (ledger.Size, ledger.Envelopes, ledger.Acknowledgements));
            Assert.DoesNotContain(ledger.Leftovers.Keys, kind => kind.Contains("acknowledge", StringComparison.Ordinal));
        }

        Assert.InRange(calls, publishBeyond == 0 ? 20 : 8, 1_000);
    }

    // us 1 and 2 for iran are entries 1 and 2; what is said of the first is entry 3.
    [Theory]
    [InlineData("true", null)]
    [InlineData("by another's key", "expected a signature by iran#1, got one that does not verify")]
    [InlineData("by a stranger", "expected an addressee of doha-2026/us/normal/1, got oslo")]
    [InlineData("by the sender", "expected an addressee of doha-2026/us/normal/1, got us")]
    [InlineData("of another content", "expected digest ")]
    [InlineData("under another document", "expected the document in force, ")]
    [InlineData("of none", "expected an acknowledgement of an envelope before it, got one of doha-2026/us/normal/9")]
    [InlineData("twice", "expected iran to acknowledge doha-2026/us/normal/1 once, as opened in entry 3, got opened")]
    [InlineData("two states", "expected iran to acknowledge doha-2026/us/normal/1 once, as opened in entry 3, got refused (not-opened)")]
    public async Task Check_OfAnAcknowledgement_NamesWhatIsFalseOfIt(string row, string? problem)
    {
        using var certifier = new LocalCertifier();
        var store = new MemoryLedgerStore();
        using var ledger = new StoredLedger(store, certifier, Ledger) { Document = DocumentWithKeys() };
        await ledger.CommitPolicyAsync(Start, Cancel);
        await ledger.CommitAsync("us", Lane.Normal, 2, Start, Cancel);
        var head = StoredLedger.HeadOf(new EnvelopeId(Ledger, "us", Lane.Normal, 1), null, Start);
        var others = StoredLedger.HeadOf(new EnvelopeId(Ledger, "us", Lane.Normal, 1), null, Start.AddSeconds(1));
        var none = StoredLedger.HeadOf(new EnvelopeId(Ledger, "us", Lane.Normal, 9), Digest.Of([8]), Start);
        var opened = TestIdentities.Say(head, "iran");
        Acknowledgement[] said = row switch
        {
            "true" or "under another document" => [opened],
            "by another's key" => [TestIdentities.Say(head, "iran", keyOf: "us")],
            "by a stranger" => [TestIdentities.Say(head, "oslo")],
            "by the sender" => [TestIdentities.Say(head, "us")],
            "of another content" => [TestIdentities.Say(others, "iran")],
            "of none" => [TestIdentities.Say(none, "iran")],
            "twice" => [opened, TestIdentities.Say(head, "iran")],
            "two states" => [opened, TestIdentities.Say(head, "iran", "not-opened")],
            _ => throw new ArgumentOutOfRangeException(nameof(row), row, "No such row."),
        };
        var policy = row == "under another document" ? Digest.Of([7]) : Digest.Of(ledger.Document);
        await ledger.CommitAsync(
            [.. said.Select(one => new AcknowledgementEntry { Policy = policy, Acknowledgement = one, At = Start })], Start, Cancel);
        store.Set(LedgerPaths.Acknowledged(said[0].Id, said[0].Delegation), new byte[] { 0, 0, 0, 0, 0, 0, 0, 3 });
        var report = await new LedgerChecker(new StoreToCheck(store), null, null).CheckAsync(null, Cancel);
        var found = report.Ledgers[0].Findings.Where(finding => finding.Rule == CheckRule.Acknowledgement).ToList();
        if (problem is null)
        {
            Assert.Empty(found);
            store.Set(LedgerPaths.Acknowledged(said[0].Id, said[0].Delegation), new byte[] { 0, 0, 0, 0, 0, 0, 0, 4 });
            report = await new LedgerChecker(new StoreToCheck(store), null, null).CheckAsync(null, Cancel);
            Assert.Equal("acknowledged/us-normal/1-iran", report.Ledgers[0].Findings.Single(Is).Blob);
            return;
        }

        Assert.StartsWith(problem, found[0].Problem, StringComparison.Ordinal);
        Assert.Equal((long)(said.Length + 2), found[0].FirstEntry);

        static bool Is(CheckFinding finding) => finding.Rule == CheckRule.Acknowledgement;
    }

    // Oslo is a delegation of it too, with a key.
    private static byte[] DocumentWithKeys()
    {
        using var certifier = new LocalCertifier();
        using var ledger = new StoredLedger(new MemoryLedgerStore(), certifier, Ledger);
        var json = System.Text.Encoding.UTF8.GetString(ledger.Document)
            .Replace("\"iran\":", "\"oslo\": { \"topic\": \"delegation-oslo\" }, \"iran\":", StringComparison.Ordinal);
        return TestIdentities.AddTo(System.Text.Encoding.UTF8.GetBytes(json));
    }
}

using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Ledger;

/// <summary>What an audit finds in entries it proves to others, and what the ledger accuses others of it lists and checks.</summary>
public sealed class AuditProofTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly TestRelay _relay;
    private readonly TestLedger _ledger;

    public AuditProofTests()
    {
        _relay = new TestRelay(_samples.Time.GetUtcNow());
        _ledger = new TestLedger(_relay);
        _ledger.Append(new HeartbeatEntry { At = Now.AddSeconds(-1) }.ToBytes());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => _samples.Time.GetUtcNow();

    public void Dispose()
    {
        _relay.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public async Task RunAsync_HonestLedger_HasNoProofAndNoAccusation()
    {
        Log(await _samples.EnvelopeAsync());
        var report = await AuditAsync();
        Assert.Empty(report.Findings);
        Assert.Empty(report.Accusations);
    }

    [Fact]
    public async Task RunAsync_EntryWithoutQuorum_IsProvedWithItsDocument()
    {
        Log(await _samples.EnvelopeAsync(mediators: ["qatar"]));
        await AssertProvedAsync(AuditKind.NoQuorum, LieKind.NoQuorum);
    }

    [Fact]
    public async Task RunAsync_EnvelopeForNobody_IsProved()
    {
        Log(await _samples.SignAsync(Samples.For(await _samples.EnvelopeAsync(), "nobody-at-all")));
        await AssertProvedAsync(AuditKind.NoQuorum, LieKind.ForbiddenEntry);
    }

    [Fact]
    public async Task RunAsync_BytesThatAreNoEntry_AreProved()
    {
        _ledger.Append("relay/heartbeat/v1\nsoon\n"u8.ToArray());
        await AssertProvedAsync(AuditKind.BadEntry, LieKind.UnreadableEntry);
    }

    [Fact]
    public async Task RunAsync_EntryOfANewerKind_IsFoundAndNotCalledALie()
    {
        _ledger.Append("relay/handshake/v7\nsoon\n"u8.ToArray());
        var finding = Assert.Single((await AuditAsync()).Findings);
        Assert.Null(finding.Contradiction);
    }

    [Fact]
    public async Task RunAsync_TimeThatGoesBack_IsProved()
    {
        _ledger.Append(new HeartbeatEntry { At = Now.AddSeconds(-2) }.ToBytes());
        await AssertProvedAsync(AuditKind.BadEntry, LieKind.TimeBackwards);
    }

    [Fact]
    public async Task RunAsync_StreamThatIsRepeatedOrUnchained_IsProved()
    {
        var first = await _samples.EnvelopeAsync("one");
        Log(first);
        Log(await _samples.EnvelopeAsync("two", new StreamPosition(1, Digest.Of([1]))));
        await AssertProvedAsync(AuditKind.BadEntry, LieKind.BrokenChain);
    }

    [Fact]
    public async Task RunAsync_EnvelopeLoggedTwice_IsProved()
    {
        var first = await _samples.EnvelopeAsync("one");
        Log(first);
        Log(first);
        await AssertProvedAsync(AuditKind.BadEntry, LieKind.LoggedTwice);
    }

    [Fact]
    public async Task RunAsync_EvidenceThatHolds_IsListedWithWhoSignedBothAndGoesToOthers()
    {
        var (yes, no) = (await _samples.EnvelopeAsync("yes"), await _samples.EnvelopeAsync("no"));
        Log(yes);
        Log(EvidenceKind.Equivocation, yes, no);
        var report = await AuditAsync();
        Assert.Empty(report.Findings);
        var accusation = Assert.Single(report.Accusations);
        Assert.Null(accusation.Problem);
        Assert.Equal(2, accusation.Index);
        Assert.Contains("was said twice", accusation.Entry.Describe(), StringComparison.Ordinal);
        Assert.Contains("mediator-qatar", accusation.Entry.Describe(), StringComparison.Ordinal);
        Assert.Equal(LieKind.Accusation, accusation.Evidence?.Kind);
    }

    [Fact]
    public async Task RunAsync_EvidenceWithoutItsQuorum_IsAFindingAndProvedAgainstTheRelay()
    {
        var (yes, no) = (await _samples.EnvelopeAsync("yes"), await _samples.EnvelopeAsync("no", mediators: ["qatar"]));
        Log(yes);
        Log(EvidenceKind.Equivocation, yes, no);
        await AssertProvedAsync(AuditKind.NoQuorum, LieKind.NoQuorum);
        var accusation = Assert.Single((await AuditAsync()).Accusations);
        Assert.NotNull(accusation.Problem);
        Assert.Null(accusation.Evidence);
    }

    [Fact]
    public async Task RunAsync_EvidenceWhoseHeadsShowNothing_IsProvedAgainstTheRelay()
    {
        var (yes, no) = (await _samples.EnvelopeAsync("yes"), await _samples.EnvelopeAsync("no"));
        var lines = System.Text.Encoding.UTF8.GetString(Evidence(EvidenceKind.Equivocation, yes, no)).Split('\n');
        _ledger.Append(Samples.Utf8(string.Join('\n', lines).Replace("equivocation", "broken-chain", StringComparison.Ordinal)));
        await AssertProvedAsync(AuditKind.BadEntry, LieKind.FalseEvidence);
    }

    [Fact]
    public async Task RunAsync_SmallerTreeUnderALaterKey_IsARollbackProvedByTheTwoTrees()
    {
        var view = new LedgerView(_ledger.Origin);
        Log(await _samples.EnvelopeAsync());
        view.Observe(_ledger.Checkpoint(), out _);
        _samples.Time.Advance(TimeSpan.FromHours(2));
        _relay.Renew(Now);
        var rolled = new TestLedger(_relay);
        rolled.Append(_ledger.Entries[0]);
        using var trust = _relay.Trust(_samples.Time);
        var auditor = new LedgerAuditor(trust, view, rolled, _samples.Judge(), null, TimeSpan.Zero, TimeSpan.Zero, _samples.Time);
        var finding = Assert.Single((await auditor.RunAsync([], Token)).Findings);
        Assert.Equal((AuditKind.RolledBack, LieKind.Rollback), (finding.Kind, finding.Contradiction?.Kind));
        Assert.Equal(EvidenceFault.None, EvidenceJudge.Judge(finding.Contradiction!, _relay.Judge).Fault);
    }

    private async Task AssertProvedAsync(AuditKind kind, LieKind lie)
    {
        var finding = Assert.Single((await AuditAsync()).Findings);
        Assert.Equal((kind, lie), (finding.Kind, finding.Contradiction?.Kind));
        // Whoever has the keys and nothing else judges it the same.
        var keys = new EvidenceKeys(_relay.Keys, TestRelay.VaultKey, _samples.MediatorKeys, Array.Empty<NegotiationDocument>());
        var verdict = await keys.JudgeAsync(finding.Contradiction!, Token);
        Assert.True(verdict.Standing == EvidenceStanding.Proved, $"{verdict.Fault}: {verdict.Detail}");
    }

    private void Log(Envelope envelope) => _ledger.Append(envelope, _samples.Document.PolicyDigest, Now);

    private void Log(EvidenceKind kind, params Envelope[] envelopes) => _ledger.Append(Evidence(kind, envelopes));

    private byte[] Evidence(EvidenceKind kind, params Envelope[] envelopes) => new EvidenceEntry
    {
        Shows = kind,
        Heads = [.. envelopes.Select(envelope => TestLedger.EntryOf(envelope, _samples.Document.PolicyDigest, Now).Judged)],
        At = Now,
    }.ToBytes();

    private async Task<AuditReport> AuditAsync()
    {
        using var trust = _relay.Trust(_samples.Time);
        var view = new LedgerView(_ledger.Origin);
        var auditor = new LedgerAuditor(trust, view, _ledger, _samples.Judge(), null, TimeSpan.Zero, TimeSpan.Zero, _samples.Time);
        return await auditor.RunAsync([], Token);
    }
}

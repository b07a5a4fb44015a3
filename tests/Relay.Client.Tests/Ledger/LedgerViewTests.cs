using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;

namespace Relay.Client.Tests.Ledger;

/// <summary>Nothing that is not proved is forgotten, whatever comes after it.</summary>
public sealed class LedgerViewTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly TestRelay _relay;
    private readonly TestLedger _ledger;
    private readonly LedgerView _view;

    public LedgerViewTests()
    {
        _relay = new TestRelay(_samples.Time.GetUtcNow());
        _ledger = new TestLedger(_relay);
        _view = new LedgerView(_ledger.Origin);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _relay.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public async Task Observe_AForkedCheckpointAndThenHonestOnesOfNoLinkedSize_KeepsItForTheAudit()
    {
        Grow(1);
        Assert.Equal(CheckpointFit.New, _view.Observe(_ledger.Checkpoint(), out _));
        var fork = Fork();
        Assert.Equal(CheckpointFit.New, _view.Observe(fork.Checkpoint(), out _));
        for (var i = 0; i < 200; i++)
        {
            // The relay never shows another tree of the forged one's size.
            Grow(i == 0 ? 2 : 1);
            Assert.Equal(CheckpointFit.New, _view.Observe(_ledger.Checkpoint(), out _));
        }
        var finding = Assert.Single((await AuditAsync()).Findings);
        Assert.Equal(AuditKind.Forked, finding.Kind);
        Assert.Equal(LieKind.Fork, finding.Contradiction!.Kind);
        Assert.Equal(EvidenceStanding.Proved, EvidenceJudge.Judge(finding.Contradiction, _relay.Judge).Standing);
    }

    [Fact]
    public void Observe_MoreThanCanBeKeptWithoutAProof_TakesNoMoreAndForgetsNone()
    {
        Grow(1);
        _view.Observe(_ledger.Checkpoint(), out _);
        for (var i = 0; i < LedgerView.MaxUnlinked; i++)
        {
            Grow(1);
            Assert.Equal(CheckpointFit.New, _view.Observe(_ledger.Checkpoint(), out _));
        }
        Grow(1);
        Assert.Equal(CheckpointFit.NoRoom, _view.Observe(_ledger.Checkpoint(), out _));
        Assert.Equal(LedgerView.MaxUnlinked, _view.Unlinked.Length);
        var first = _view.Unlinked[0].Checkpoint;
        Assert.True(_view.TryLink(_view.Anchor!.Checkpoint, first, _ledger.Consistency(1, first.Size)));
        Assert.Equal(CheckpointFit.New, _view.Observe(_ledger.Checkpoint(), out _));
        Assert.True(InboxState.TryParse(State().ToBytes(), _ledger.Origin, out _));
    }

    [Fact]
    public void TryLink_OfMoreThanIsKept_LetsGoOnlyWhatTheAnchorVouchesFor()
    {
        Grow(1);
        _view.Observe(_ledger.Checkpoint(), out _);
        var fork = Fork();
        _view.Observe(fork.Checkpoint(), out _);
        for (var i = 0; i < 3 * LedgerView.MaxLinked; i++)
        {
            Grow(2);
            _view.Observe(_ledger.Checkpoint(), out _);
            Link();
        }
        Assert.Equal(LedgerView.MaxLinked + 1, _view.Checkpoints.Length);
        Assert.Contains(fork.Checkpoint(), _view.Checkpoints);
        Assert.Equal(_ledger.Size, _view.Anchor!.Checkpoint.Size);
    }

    [Fact]
    public void TryLink_WithAProofThatDoesNotHold_RefutesUntilOneDoes()
    {
        Grow(1);
        _view.Observe(_ledger.Checkpoint(), out _);
        Grow(2);
        var checkpoint = _ledger.Checkpoint();
        _view.Observe(checkpoint, out _);
        Assert.False(_view.TryLink(_view.Anchor!.Checkpoint, checkpoint.Checkpoint, [_ledger.Checkpoint(1).Checkpoint.Root]));
        Assert.True(_view.IsRefuted(checkpoint.Checkpoint));
        Assert.Empty(_view.Unlinked);
        Assert.True(InboxState.TryParse(State().ToBytes(), _ledger.Origin, out var read));
        Assert.True(read.View.IsRefuted(checkpoint.Checkpoint));
        Assert.True(read.View.TryLink(read.View.Anchor!.Checkpoint, checkpoint.Checkpoint, _ledger.Consistency(1, 3)));
        Assert.True(read.View.IsLinked(checkpoint.Checkpoint));
    }

    [Fact]
    public async Task Observe_AContradictionThatNobodyTakes_IsToldByEveryAuditAfterwards()
    {
        Grow(2);
        _view.Observe(_ledger.Checkpoint(), out _);
        var fork = _ledger.Fork(0);
        fork.Append(new HeartbeatEntry { At = _samples.Time.GetUtcNow().AddSeconds(1) }.ToBytes());
        fork.Append(new HeartbeatEntry { At = _samples.Time.GetUtcNow().AddSeconds(1) }.ToBytes());
        Assert.Equal(CheckpointFit.Contradicts, _view.Observe(fork.Checkpoint(), out _));
        Assert.True(InboxState.TryParse(State().ToBytes(), _ledger.Origin, out var read));
        for (var i = 0; i < 2; i++)
        {
            var finding = Assert.Single((await AuditAsync(read.View)).Findings);
            Assert.Equal(AuditKind.Forked, finding.Kind);
            Assert.Equal(_view.Contradictions[0].Bytes.ToArray(), finding.Contradiction!.Bytes.ToArray());
        }
    }

    [Fact]
    public async Task TakeAsync_WhenManyWait_AsksForProofsWhateverThePace()
    {
        using var trust = _relay.Trust(_samples.Time);
        var checks = Checks(trust, _ledger);
        for (var i = 0; i < 100; i++)
        {
            Grow(1);
            var fit = await checks.TakeAsync(_ledger.Checkpoint(), Token);
            Assert.Equal((InboxFault.None, (string?)null), (fit.Fault, fit.Earlier));
            Assert.InRange(_view.Unlinked.Length, 0, 17);
        }
    }

    [Fact]
    public async Task TakeAsync_LogThatComesBack_TellsOfTheForgedOneAndTakesTheHonest()
    {
        using var trust = _relay.Trust(_samples.Time);
        var away = Checks(trust, new DeadLog());
        Grow(1);
        await away.TakeAsync(_ledger.Checkpoint(), Token);
        await away.TakeAsync(Fork().Checkpoint(), Token);
        Grow(2);
        Assert.Equal(InboxFault.None, (await away.TakeAsync(_ledger.Checkpoint(), Token)).Fault);
        Grow(1);
        var fit = await Checks(trust, _ledger).TakeAsync(_ledger.Checkpoint(), Token);
        Assert.Equal(InboxFault.None, fit.Fault);
        Assert.Contains("size 2", fit.Earlier, StringComparison.Ordinal);
        Grow(1);
        Assert.Null((await Checks(trust, _ledger).TakeAsync(_ledger.Checkpoint(), Token)).Earlier);
        Assert.Equal(AuditKind.Forked, Assert.Single((await AuditAsync()).Findings).Kind);
    }

    [Fact]
    public async Task TakeAsync_WithoutALogAndNoRoom_IsNotNow()
    {
        using var trust = _relay.Trust(_samples.Time);
        var checks = Checks(trust, null);
        for (var i = 0; i <= LedgerView.MaxUnlinked; i++)
        {
            Grow(1);
            Assert.Equal(InboxFault.None, (await checks.TakeAsync(_ledger.Checkpoint(), Token)).Fault);
        }
        Grow(1);
        var fit = await checks.TakeAsync(_ledger.Checkpoint(), Token);
        Assert.True(new InboxResult { Fault = fit.Fault, Detail = fit.Detail }.IsNotNow);
        Assert.Equal(InboxFault.LedgerNotLinked, fit.Fault);
        // An audit links what waits, and there is room again.
        Assert.Empty((await AuditAsync()).Findings);
        Assert.Equal(InboxFault.None, (await checks.TakeAsync(_ledger.Checkpoint(), Token)).Fault);
    }

    [Theory]
    [InlineData(120, false)]
    [InlineData(121, true)]
    [InlineData(1_500_000_000, true)]
    public async Task Audit_EntryAheadOfTheClock_IsAFindingPastTwoMinutes(int seconds, bool isFound)
    {
        _ledger.Append(new HeartbeatEntry { At = _samples.Time.GetUtcNow().AddSeconds(seconds) }.ToBytes());
        var report = await AuditAsync();
        Assert.Equal(isFound ? [AuditKind.FutureEntry] : [], report.Findings.Select(finding => finding.Kind));
    }

    [Fact]
    public async Task Audit_LogThatDoesNotAnswer_ProvesNothing()
    {
        Grow(1);
        var report = await AuditAsync(log: new DeadLog());
        var finding = Assert.Single(report.Findings);
        Assert.Equal((AuditKind.LogNotAnswering, false), (finding.Kind, finding.IsProved));
        Assert.Null(report.Checkpoint);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"ledger":{"keys":[],"checkpoints":[],"contradictions":[]}}""")]
    [InlineData("""{"ledger":[],"streams":[]}""")]
    [InlineData("""{"ledger":{"keys":[],"checkpoints":[{"note":"x","key":0,"standing":"linked"}],"contradictions":[]},"streams":[]}""")]
    [InlineData("""{"ledger":{"keys":[1],"checkpoints":[],"contradictions":[]},"streams":[]}""")]
    [InlineData("""{"ledger":{"keys":[],"checkpoints":[],"contradictions":["{}"]},"streams":[]}""")]
    public void State_ThatIsAnythingElse_IsNotRead(string json) =>
        Assert.False(InboxState.TryParse(System.Text.Encoding.UTF8.GetBytes(json), _ledger.Origin, out _));

    private void Grow(int entries)
    {
        for (var i = 0; i < entries; i++) _ledger.Append(new HeartbeatEntry { At = _samples.Time.GetUtcNow() }.ToBytes());
    }

    // One entry on the first of the ledger, and another than the ledger's.
    private TestLedger Fork()
    {
        var fork = _ledger.Fork(1);
        fork.Append(new HeartbeatEntry { At = _samples.Time.GetUtcNow().AddSeconds(1) }.ToBytes());
        return fork;
    }

    private void Link()
    {
        var anchor = _view.Anchor!.Checkpoint;
        Assert.True(_view.TryLink(anchor, _ledger.Checkpoint().Checkpoint, _ledger.Consistency(anchor.Size, _ledger.Size)));
    }

    // A view as the state of an inbox that has it.
    private InboxState State()
    {
        var state = InboxState.Create(_ledger.Origin);
        var (checkpoints, contradictions) = _view.ToKeep();
        Assert.True(state.View.TryRestore(checkpoints, contradictions));
        return state;
    }

    private LedgerChecks Checks(LedgerTrust trust, ILedgerLog? log) =>
        new(trust, _view, log, [_samples.Document], TimeSpan.FromHours(1), _samples.Time);

    private async Task<AuditReport> AuditAsync(LedgerView? view = null, ILedgerLog? log = null)
    {
        using var trust = _relay.Trust(_samples.Time);
        var auditor = new LedgerAuditor(
            trust, view ?? _view, log ?? _ledger, _samples.Judge(), null, TimeSpan.Zero, TimeSpan.Zero, _samples.Time);
        return await auditor.RunAsync([], Token);
    }
}

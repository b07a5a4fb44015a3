using System.Text.Json.Nodes;
using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Quorum;
using Relay.Protocol.Sealing;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Delegations;

public sealed class ReceiptInspectionTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly TestRelay _relay;
    private readonly TestLedger _ledger;
    private readonly LedgerView _view;
    private readonly StreamTracker _streams = new();

    public ReceiptInspectionTests()
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
    public async Task InspectAsync_GoodReceipt_GivesWhatWasSaidAndKeepsTheCheckpoint()
    {
        var envelope = await _samples.EnvelopeAsync("we accept");
        var result = await InspectAsync(envelope, _ledger.Receipt(Log(envelope)));
        Assert.Equal((InboxFault.None, "none"), (result.Fault, result.Code));
        Assert.Equal("we accept", System.Text.Encoding.UTF8.GetString(result.Statement!.Body));
        Assert.Equal(0, result.Receipt!.Proof.Index);
        Assert.Equal(new SeenCheckpoint(1, _ledger.Checkpoint().Checkpoint.Root), _view.Newest);
        var answer = await _samples.Sealer(view: _view).SealAsync(Samples.Say("noted"), StreamPosition.Start, Token);
        Assert.Equal(_view.Newest, answer.Head.Seen);
    }

    [Fact]
    public async Task InspectAsync_EachFault_IsFoundByItsOwnCheckAndNothingIsOpened()
    {
        var first = await _samples.EnvelopeAsync("one");
        var receipt = _ledger.Receipt(Log(first));
        var second = await _samples.EnvelopeAsync("two", StreamPosition.After(first.Head));
        var fork = _ledger.Fork(0);
        fork.Append(second, _samples.Document.PolicyDigest, _samples.Time.GetUtcNow());
        var found = new List<(InboxFault Expected, InboxResult Result)>
        {
            (InboxFault.NoReceipt, await InspectAsync(first, null)),
            (InboxFault.BadReceipt, await InspectAsync(first, "hello")),
            (InboxFault.BadReceipt, await InspectAsync(second, receipt)),
            (InboxFault.KeyUnavailable, await InspectAsync(first, receipt, keys: new Unreadable())),
            (InboxFault.LedgerForked, await InspectAsync(second, fork.Receipt(0))),
            (InboxFault.QuorumNotMet, await InspectAsync(await _samples.EnvelopeAsync("one", mediators: ["qatar"]), null, logged: true)),
            (InboxFault.UnknownPolicy, await InspectAsync(second, null, logged: true, policy: Digest.Of([1]))),
        };
        foreach (var (expected, result) in found)
        {
            Assert.Equal(expected, result.Fault);
            Assert.StartsWith("expected ", result.Detail, StringComparison.Ordinal);
            Assert.Null(result.Statement);
        }
        Assert.Equal(
            ["receipt-malformed", "receipt-for-other-envelope"],
            found.Where(f => f.Expected == InboxFault.BadReceipt).Select(f => f.Result.Code));
        AssertProves(LieKind.Fork, found[4].Result.Contradiction);
    }

    [Fact]
    public async Task InspectAsync_SameEnvelopeAtTwoIndices_IsLoggedTwiceWithProof()
    {
        var envelope = await _samples.EnvelopeAsync();
        Assert.Equal(InboxFault.None, (await InspectAsync(envelope, null, logged: true)).Fault);
        Assert.Equal(InboxFault.Duplicate, (await InspectAsync(envelope, _ledger.Receipt(0))).Fault);
        var again = await InspectAsync(envelope, null, logged: true);
        Assert.Equal(InboxFault.LoggedTwice, again.Fault);
        AssertProves(LieKind.LoggedTwice, again.Contradiction);
    }

    [Fact]
    public async Task InspectAsync_TwoEnvelopesLoggedUnderOneId_IsEquivocationWithProof()
    {
        Assert.Equal(InboxFault.None, (await InspectAsync(await _samples.EnvelopeAsync("yes"), null, logged: true)).Fault);
        var second = await InspectAsync(await _samples.EnvelopeAsync("no"), null, logged: true);
        Assert.Equal(InboxFault.Equivocation, second.Fault);
        AssertProves(LieKind.LoggedTwice, second.Contradiction);
    }

    [Fact]
    public async Task InspectAsync_KeyWrappedWrongForOneOfTwo_IsProvedByThatOne()
    {
        var made = await _samples.EnvelopeAsync(audience: ["iran", "oman"]);
        var jwe = JsonNode.Parse(made.Sealed.Content.Span)!;
        var own = jwe["recipients"]!.AsArray().Single(one => (string)one!["header"]!["kid"]! == "iran#enc-1")!;
        own["encrypted_key"] = StrictBase64Url.Encode(new byte[40]);
        var wrong = await _samples.SignAsync(SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = made.Id,
            Audience = made.Head.Audience,
            IssuedAt = made.Head.IssuedAt,
            ExpiresAt = made.Head.ExpiresAt,
            Content = Samples.Utf8(jwe.ToJsonString()),
        }));
        var result = await InspectAsync(wrong, null, logged: true);
        Assert.Equal((InboxFault.NotOpened, SealingFault.KeyUnwrapFailed), (result.Fault, result.SealingFault));
        Assert.Equal(LieKind.WrongWrap, result.Contradiction?.Kind);
        var keys = new EvidenceKeys(_relay.Keys, TestRelay.VaultKey, _samples.MediatorKeys, [_samples.Document]);
        var verdict = await keys.JudgeAsync(result.Contradiction!, Token);
        Assert.True(verdict.Standing == EvidenceStanding.Proved, $"{verdict.Fault}: {verdict.Detail}");
        Assert.Null((await InspectAsync(made, null, logged: true)).Contradiction);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task InspectAsync_BrokenChainLogged_IsToldAndProvedInWhicheverOrderTheyCome(bool earlierFirst)
    {
        var first = await _samples.EnvelopeAsync("one");
        var second = await _samples.EnvelopeAsync("two", new StreamPosition(1, Digest.Of([1])));
        Log(first);
        Log(second);
        var (a, b) = earlierFirst ? (first, second) : (second, first);
        Assert.Equal(InboxFault.None, (await InspectAsync(a, _ledger.Receipt(_ledger.IndexOf(a.Id)))).Fault);
        var result = await InspectAsync(b, _ledger.Receipt(_ledger.IndexOf(b.Id)));
        Assert.Equal(InboxFault.BrokenChain, result.Fault);
        AssertProves(LieKind.BrokenChain, result.Contradiction);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task InspectAsync_LedgerOrderAgainstTheStreams_IsOutOfOrderWithProof(bool earlierFirst)
    {
        var first = await _samples.EnvelopeAsync("one");
        var second = await _samples.EnvelopeAsync("two", StreamPosition.After(first.Head));
        Log(second);
        Log(first);
        var (a, b) = earlierFirst ? (first, second) : (second, first);
        Assert.Equal(InboxFault.None, (await InspectAsync(a, _ledger.Receipt(_ledger.IndexOf(a.Id)))).Fault);
        var result = await InspectAsync(b, _ledger.Receipt(_ledger.IndexOf(b.Id)));
        Assert.Equal(InboxFault.OutOfOrder, result.Fault);
        AssertProves(LieKind.BrokenOrder, result.Contradiction);
    }

    [Fact]
    public async Task InspectAsync_SenderSawAnotherTree_IsForkSeen()
    {
        var first = await _samples.EnvelopeAsync("one");
        await InspectAsync(first, null, logged: true);
        var other = new LedgerView(_ledger.Origin);
        var fork = _ledger.Fork(0);
        fork.Append(new HeartbeatEntry { At = _samples.Time.GetUtcNow() }.ToBytes());
        other.Observe(fork.Checkpoint(), out _);
        var second = await _samples.SignAsync(
            await _samples.Sealer(view: other).SealAsync(Samples.Say("two"), StreamPosition.After(first.Head), Token));
        Assert.Equal(InboxFault.ForkSeen, (await InspectAsync(second, null, logged: true)).Fault);
    }

    [Fact]
    public async Task InspectAsync_LogCannotProveItself_IsNotConsistent()
    {
        var first = await _samples.EnvelopeAsync("one");
        var second = await _samples.EnvelopeAsync("two", StreamPosition.After(first.Head));
        Assert.Equal(InboxFault.None, (await InspectAsync(first, null, logged: true, log: _ledger)).Fault);
        var fork = _ledger.Fork(0);
        fork.Append(new HeartbeatEntry { At = _samples.Time.GetUtcNow() }.ToBytes());
        fork.Append(second, _samples.Document.PolicyDigest, _samples.Time.GetUtcNow());
        var result = await InspectAsync(second, fork.Receipt(1), log: fork);
        Assert.Equal(InboxFault.LedgerNotConsistent, result.Fault);
        Assert.Null(result.Contradiction);
    }

    [Fact]
    public async Task InspectAsync_LogOutOfReach_TakesTheEnvelopeAndLeavesTheCheckpointUnlinked()
    {
        var first = await _samples.EnvelopeAsync("one");
        var second = await _samples.EnvelopeAsync("two", StreamPosition.After(first.Head));
        Assert.Equal(InboxFault.None, (await InspectAsync(first, null, logged: true)).Fault);
        Assert.Equal(InboxFault.None, (await InspectAsync(second, null, logged: true, log: new DeadLog())).Fault);
        Assert.Equal((2, 1), (_view.Newest!.Size, _view.Anchor!.Checkpoint.Size));
        Assert.True(_view.TryLink(_view.Anchor.Checkpoint, _ledger.Checkpoint().Checkpoint, _ledger.Consistency(1, 2)));
        Assert.Equal(2, _view.Anchor.Checkpoint.Size);
    }

    [Fact]
    public async Task State_SavedAndRead_RemembersWhatWasSettledAndForgetsTheRest()
    {
        var envelopes = new List<Envelope>();
        for (var i = 0; i < 3; i++)
        {
            envelopes.Add(
                await _samples.EnvelopeAsync($"{i}", i == 0 ? StreamPosition.Start : StreamPosition.After(envelopes[^1].Head)));
            Log(envelopes[^1]);
        }
        var state = InboxState.Create(_ledger.Origin);
        foreach (var envelope in envelopes)
        {
            Assert.Equal(InboxFault.None, (await InspectAsync(envelope, Receipt(envelope), state: state)).Fault);
        }
        state.Streams.Settle(envelopes[0].Id);
        state.Streams.Settle(envelopes[1].Id);
        Assert.True(InboxState.TryParse(state.ToBytes(), _ledger.Origin, out var read));
        Assert.Equal(state.View.Newest, read.View.Newest);
        Assert.Equal(3, read.Streams.NextOf(envelopes[0].Id.Stream));
        Assert.Equal(InboxFault.Duplicate, (await InspectAsync(envelopes[0], Receipt(envelopes[0]), state: read)).Fault);
        Assert.Equal(InboxFault.None, (await InspectAsync(envelopes[2], Receipt(envelopes[2]), state: read)).Fault);
        Assert.False(InboxState.TryParse(state.ToBytes(), "relay.example/other", out _));
        for (var length = 0; length < state.ToBytes().Length; length++)
        {
            Assert.False(InboxState.TryParse(state.ToBytes().AsMemory(0, length), _ledger.Origin, out _));
        }
    }

    private string Receipt(Envelope envelope) => _ledger.Receipt(_ledger.IndexOf(envelope.Id));

    private long Log(Envelope envelope) => _ledger.Append(envelope, _samples.Document.PolicyDigest, _samples.Time.GetUtcNow());

    private async Task<InboxResult> InspectAsync(
        Envelope envelope,
        string? receipt,
        bool logged = false,
        Digest? policy = null,
        IMediatorKeys? keys = null,
        ILedgerLog? log = null,
        InboxState? state = null)
    {
        if (logged)
        {
            receipt = _ledger.Receipt(
                _ledger.Append(envelope, policy ?? _samples.Document.PolicyDigest, _samples.Time.GetUtcNow()));
        }
        using var trust = _relay.Trust(_samples.Time, keys);
        var checks = new LedgerChecks(trust, state?.View ?? _view, log, [_samples.Document], TimeSpan.Zero, _samples.Time);
        var inspector = new EnvelopeInspector(
            _samples.Document, "iran", [_samples["iran#enc-1"]], _samples.MediatorKeys, state?.Streams ?? _streams, checks, _samples.Time);
        return await inspector.InspectAsync(envelope.Wire, receipt, Token);
    }

    private void AssertProves(LieKind kind, EvidenceFile? contradiction)
    {
        Assert.NotNull(contradiction);
        Assert.True(EvidenceFile.TryParse(contradiction.Bytes, out var read, out var error), error);
        var verdict = EvidenceJudge.Judge(read, _relay.Judge);
        Assert.Equal((kind, EvidenceFault.None), (read.Kind, verdict.Fault));
        Assert.StartsWith("the relay ", verdict.Detail, StringComparison.Ordinal);
    }

    private sealed class Unreadable : IMediatorKeys
    {
        public ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, DateTimeOffset? signedAt, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new MediatorKey(SignatureOutcome.KeyUnavailable, null));
    }
}

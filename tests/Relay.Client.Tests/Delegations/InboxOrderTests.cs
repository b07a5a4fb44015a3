using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Tests.Delegations;

public sealed class InboxOrderTests : IDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private readonly Samples _samples = new();
    private readonly FakeBus _bus = new();
    private readonly TestRelay _relay;
    private readonly TestLedger _ledger;
    private readonly InboxState _state;
    private readonly List<Envelope> _said = [];
    private readonly List<string> _saved = [];

    public InboxOrderTests()
    {
        _relay = new TestRelay(_samples.Time.GetUtcNow());
        _ledger = new TestLedger(_relay);
        _state = InboxState.Create(_ledger.Origin);
        _bus.Waits = wait => _samples.Time.Advance(wait);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _relay.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public async Task ReceiveAsync_ArrivedOutOfOrder_IsHandedOverInOrder()
    {
        await SayAsync("iran", "iran", "iran", "iran");
        Deliver(4, 2, 1, 3);
        Assert.Equal("1 2 3 4", await ReceiveAllAsync(InboxOrder.Default));
        Assert.Equal(["doha-2026/us/normal/1", "doha-2026/us/normal/2", "doha-2026/us/normal/3", "doha-2026/us/normal/4"], _saved);
    }

    [Fact]
    public async Task ReceiveAsync_OneNeverComes_IsHandedOverWithAGapWhenItsTimeIsOver()
    {
        await SayAsync("iran", "iran", "iran");
        Deliver(3, 1);
        var started = _samples.Time.GetUtcNow();
        Assert.Equal("1 3gap", await ReceiveAllAsync(InboxOrder.Default, 2));
        Assert.Equal(InboxOrder.Default.HoldFor, _samples.Time.GetUtcNow() - started);
        Deliver(2);
        Assert.Equal("2late", await ReceiveAllAsync(InboxOrder.Default, 1));
    }

    [Fact]
    public async Task ReceiveAsync_GapWasSaidToOthers_IsExplainedByTheLedgerWithoutWaiting()
    {
        await SayAsync("iran", "oman", "oman", "iran");
        var started = _samples.Time.GetUtcNow();
        Deliver(4, 1);
        Assert.Equal("1 4", await ReceiveAllAsync(InboxOrder.Default, 2, _ledger));
        Assert.Equal(started, _samples.Time.GetUtcNow());
    }

    [Fact]
    public async Task ReceiveAsync_GapWasSaidToUsToo_WaitsThoughTheLedgerIsInReach()
    {
        await SayAsync("oman", "iran", "iran");
        Deliver(3);
        var started = _samples.Time.GetUtcNow();
        Assert.Equal("3gap", await ReceiveAllAsync(InboxOrder.Default, 1, _ledger));
        Assert.Equal(InboxOrder.Default.HoldFor, _samples.Time.GetUtcNow() - started);
    }

    [Fact]
    public async Task ReceiveAsync_MoreHeldThanAllowed_HandsOverTheOneThatWaitsLongest()
    {
        await SayAsync([.. Enumerable.Repeat("iran", 6)]);
        Deliver(6, 4, 3, 5);
        Assert.Equal("3gap 4 5 6", await ReceiveAllAsync(InboxOrder.Default with { MaxHeld = 3 }));
    }

    [Fact]
    public async Task ReceiveAsync_AfterARestart_ComesAgainWhatWasNotSettledAndNothingElse()
    {
        await SayAsync("iran", "iran", "iran");
        Deliver(1, 2, 3);
        await using (var inbox = Inbox(InboxOrder.Default, null, _state))
        {
            await (await inbox.ReceiveAsync(Wait, Token))!.SettleAsync(Token);
            await inbox.ReceiveAsync(Wait, Token);
        }
        Assert.True(InboxState.TryParse(_state.ToBytes(), _ledger.Origin, out var read));
        _bus.Inbox.Clear();
        _bus.Receipts.Clear();
        Deliver(1, 3, 2);
        Assert.Equal("1duplicate 2 3", await ReceiveAllAsync(InboxOrder.Default, 3, null, read));
    }

    [Fact]
    public async Task AbandonAsync_MessageGivenBack_IsNewWhenItComesAgain()
    {
        await SayAsync("iran");
        Deliver(1, 1);
        await using var inbox = Inbox(InboxOrder.Default, null, _state);
        await (await inbox.ReceiveAsync(Wait, Token))!.AbandonAsync(Token);
        Assert.Equal(InboxFault.None, (await inbox.ReceiveAsync(Wait, Token))!.Result.Fault);
    }

    [Fact]
    public async Task ReceiveAsync_EveryOrderOfFive_IsRestored()
    {
        await SayAsync([.. Enumerable.Repeat("iran", 5)]);
        foreach (var order in Permutations([1, 2, 3, 4, 5]))
        {
            Deliver(order);
            Assert.Equal("1 2 3 4 5", await ReceiveAllAsync(InboxOrder.Default, 5, null, InboxState.Create(_ledger.Origin)));
        }
    }

    private static IEnumerable<int[]> Permutations(int[] items) => items.Length == 1
        ? [items]
        : items.SelectMany(item => Permutations([.. items.Where(other => other != item)]).Select(rest => (int[])[item, .. rest]));

    private async Task SayAsync(params string[] audiences)
    {
        foreach (var audience in audiences)
        {
            _said.Add(
                await _samples.EnvelopeAsync(
                    $"{_said.Count + 1}", _said.Count == 0 ? StreamPosition.Start : StreamPosition.After(_said[^1].Head), [audience]));
            _ledger.Append(_said[^1], _samples.Document.PolicyDigest, _samples.Time.GetUtcNow());
        }
    }

    private void Deliver(params int[] numbers)
    {
        foreach (var number in numbers)
        {
            _bus.Inbox.Enqueue(_said[number - 1].Wire.ToArray());
            _bus.Receipts.Enqueue(_ledger.Receipt(number - 1));
        }
    }

    private DelegationInbox Inbox(InboxOrder order, ILedgerLog? log, InboxState state)
    {
        var checks = new LedgerChecks(_relay.Trust(_samples.Time), state.View, log, [_samples.Document], TimeSpan.Zero, _samples.Time);
        var inspector = new EnvelopeInspector(
            _samples.Document, "iran", [_samples["iran#enc-1"]], _samples.MediatorKeys, state.Streams, checks, _samples.Time);
        return new DelegationInbox(_bus, inspector, order, Save, _samples.Time);
    }

    private ValueTask Save(InboxResult result, CancellationToken cancellationToken)
    {
        _saved.Add(result.Envelope!.Id.ToString());
        return ValueTask.CompletedTask;
    }

    private async Task<string> ReceiveAllAsync(InboxOrder order, int count = int.MaxValue, ILedgerLog? log = null, InboxState? state = null)
    {
        await using var inbox = Inbox(order, log, state ?? _state);
        var told = new List<string>();
        while (told.Count < count && await inbox.ReceiveAsync(Wait, Token) is { } message)
        {
            told.Add($"{message.Result.Envelope!.Id.Sequence}{(message.Result.Fault == InboxFault.None ? "" : message.Result.Code)}{message.Result.Continuity switch { StreamContinuity.Gap => "gap", StreamContinuity.Late => "late", _ => "" }}");
            await message.SettleAsync(Token);
        }
        return string.Join(' ', told);
    }
}

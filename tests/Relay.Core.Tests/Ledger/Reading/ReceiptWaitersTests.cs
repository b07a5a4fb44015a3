using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Reading;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Ledger.Reading;

public sealed class ReceiptWaitersTests : IDisposable
{
    private static readonly EnvelopeId Id = new("doha-2026", "us", Lane.Normal, 1);

    private readonly ManualTimeProvider _time = new();
    private readonly MemoryLedgerStore _store = new();
    private readonly LocalCertifier _certifier = new();
    private readonly CheckpointKeyRing _keys;
    private readonly StoredLedger _ledger;
    private readonly LedgerReader _reader;
    private readonly ReceiptWaiters _waiters;

    public ReceiptWaitersTests()
    {
        _keys = new CheckpointKeyRing(_certifier);
        _ledger = new StoredLedger(_store, _certifier, "doha-2026");
        _reader = new LedgerReader(_store, _keys, StoredLedger.RelayName, TimeSpan.FromSeconds(10), _time);
        _waiters = new ReceiptWaiters(_time);
    }

    // The clock as it stands when the ledger gets it.
    private static Digest Submitted => StoredLedger.HeadOf(Id, null, new ManualTimeProvider().GetUtcNow()).Digest;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _ledger.Dispose();
        _keys.Dispose();
        _certifier.Dispose();
    }

    [Fact]
    public async Task ReceiveAsync_CommittedInThisProcess_IsWokenWithoutLooking()
    {
        await _ledger.CommitAsync("us", Lane.Normal, 1, _time.GetUtcNow(), Token);
        var receipt = (await _reader.ReceiptAsync(Id, Token)).Value!.Content;
        foreach (var name in _store.Names) _store.Set(name, null);
        using var wait = _waiters.TryBegin(Id)!;
        var received = wait.ReceiveAsync(_reader, Submitted, TimeSpan.FromSeconds(60), Token).AsTask();
        _waiters.Tell(Id, receipt);
        Assert.Equal(receipt.ToArray(), (await TestDeadline.Within(received))!.Value.ToArray());
    }

    [Fact]
    public async Task ReceiveAsync_CommittedElsewhere_IsFoundByLookingAgain()
    {
        using var wait = _waiters.TryBegin(Id)!;
        var received = wait.ReceiveAsync(_reader, Submitted, TimeSpan.FromSeconds(60), Token).AsTask();
        await _ledger.CommitAsync("us", Lane.Normal, 1, _time.GetUtcNow(), Token);
        Assert.NotNull(await AdvanceUntilAsync(received));
    }

    [Fact]
    public async Task ReceiveAsync_NothingOrAnotherEnvelopeOfTheId_IsNullWhenTheTimeIsOver()
    {
        await _ledger.CommitAsync("us", Lane.Normal, 1, _time.GetUtcNow(), Token);
        using var wait = _waiters.TryBegin(Id)!;
        Assert.Null(await AdvanceUntilAsync(wait.ReceiveAsync(_reader, Digest.Of([1]), TimeSpan.FromSeconds(3), Token).AsTask()));
        using var other = _waiters.TryBegin(Id with { Sequence = 2 })!;
        Assert.Null(await AdvanceUntilAsync(other.ReceiveAsync(_reader, Submitted, TimeSpan.FromSeconds(3), Token).AsTask()));
    }

    // Moves the clock on as long as the wait is not over; the loop ends because the wait has an end.
    private async Task<ReadOnlyMemory<byte>?> AdvanceUntilAsync(Task<ReadOnlyMemory<byte>?> received)
    {
        while (!received.IsCompleted)
        {
            // Its deadline and its pause: before both are armed there is nothing to move on.
            if (_time.ArmedTimers >= 2) _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        return await received;
    }
}

using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Client.Mediators;
using Relay.Client.Parties;
using Relay.Client.Storage;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.Client.Tests.Parties;

public sealed class DelegationClientTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly FakeBus _bus = new();
    private readonly TemporaryFolder _us = new();
    private readonly TemporaryFolder _iran = new();
    private readonly TestRelay _relay;
    private readonly TestLedger _ledger;

    public DelegationClientTests()
    {
        _relay = new TestRelay(_samples.Time.GetUtcNow());
        _ledger = new TestLedger(_relay);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _us.Dispose();
        _iran.Dispose();
        _relay.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public async Task SealAsync_ManyAtOnceAndInASecondLife_TakesEachSequenceOnceInOneChain()
    {
        IReadOnlyList<SealedEnvelope> made;
        await using (var us = await OpenAsync("us", _us))
        {
            made = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => us.SealAsync(Samples.Say($"say {number}"), Cancel)));
        }
        await using (var us = await OpenAsync("us", _us))
        {
            made = [.. made, await us.SealAsync(Samples.Say("last"), Cancel)];
        }

        var inOrder = made.OrderBy(one => one.Id.Sequence).ToList();
        Assert.Equal(Enumerable.Range(1, 17).Select(number => (long)number), inOrder.Select(one => one.Id.Sequence));
        Assert.All(inOrder.Zip(inOrder.Skip(1)), pair => Assert.Equal(pair.First.Digest, pair.Second.Head.Previous));
    }

    [Fact]
    public async Task SealAsync_MayNotBeAddressedOrTooLarge_TakesNoSequence()
    {
        await using var us = await OpenAsync("us", _us);
        await Assert.ThrowsAsync<ArgumentException>(() => us.SealAsync(Samples.Say("x", "nobody"), Cancel));
        var large = new OutgoingStatement { Audience = ["iran"], Body = new byte[300_000] };
        await Assert.ThrowsAsync<ArgumentException>(() => us.SealAsync(large, Cancel));
        Assert.Equal(1, (await us.SealAsync(Samples.Say("x"), Cancel)).Id.Sequence);
    }

    [Fact]
    public async Task SendAsync_RelayFails_CanBeSentAgainFromTheStore()
    {
        await using var us = await OpenAsync("us", _us);
        var mediators = new MediatorClient([Signer("qatar"), Signer("swiss")], new FailingOnce(new EnvelopeSubmitter(_bus, _samples.Time)));
        await Assert.ThrowsAsync<HttpRequestException>(() => us.SendAsync(Samples.Say("hello"), mediators, Cancel));
        var kept = await us.FindSealedAsync(Lane.Normal, 1, Cancel);
        await mediators.SubmitAsync(await mediators.SignAsync(kept!, Cancel), Cancel);
        Assert.Equal(kept!.Digest.ToString(), Assert.Single(_bus.Sent).MessageId);
    }

    [Fact]
    public async Task ReceiveAsync_SentAndLogged_IsOpenedSettledAndRememberedInTheNextLife()
    {
        await using var us = await OpenAsync("us", _us);
        var mediators = new MediatorClient([Signer("qatar"), Signer("swiss")], new EnvelopeSubmitter(_bus, _samples.Time));
        await us.SendAsync(Samples.Say("one"), mediators, Cancel);
        await us.SendAsync(Samples.Say("two"), mediators, Cancel);
        foreach (var message in _bus.Sent) Deliver(message.Body.ToArray());

        Assert.Equal(["one", "two"], await TakeAsync(2));
        Assert.Equal(2, _bus.Calls.Count(call => call == "complete"));
        Deliver(_bus.Sent[0].Body.ToArray(), index: 0);
        Assert.Equal(["duplicate"], await TakeAsync(1));
    }

    [Fact]
    public async Task ReceiveAsync_Cancelled_EndsAndMayBeEnumeratedAgain()
    {
        await using var iran = await OpenAsync("iran", _iran);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        _bus.Waits = wait =>
        {
            _samples.Time.Advance(wait);
            ending.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EnumerateAsync(iran, ending.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EnumerateAsync(iran, ending.Token));
    }

    [Fact]
    public async Task OpenAsync_SecondOnOneStore_ThrowsUntilTheFirstIsDisposed()
    {
        var first = await OpenAsync("us", _us);
        await Assert.ThrowsAsync<InvalidOperationException>(() => OpenAsync("us", _us));
        await first.DisposeAsync();
        await (await OpenAsync("us", _us)).DisposeAsync();
    }

    [Fact]
    public async Task OpenAsync_OptionsDoNotFit_ThrowsAndLeavesTheStoreFree()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => OpenAsync("nobody", _us, "us#1"));
        await Assert.ThrowsAsync<ArgumentException>(() => OpenAsync("us", _us, "iran#1"));
        await (await OpenAsync("us", _us)).DisposeAsync();
    }

    [Fact]
    public async Task AuditAsync_WithoutARelay_Throws()
    {
        await using var us = await OpenAsync("us", _us);
        await Assert.ThrowsAsync<InvalidOperationException>(() => us.AuditAsync(TimeSpan.Zero, Cancel));
        Assert.True(await us.DrainAsync(TimeSpan.Zero, Cancel));
        Assert.Equal(0, us.PendingAcknowledgements);
    }

    private static async Task EnumerateAsync(DelegationClient client, CancellationToken cancellationToken)
    {
        await foreach (var _ in client.ReceiveAsync(cancellationToken)) Assert.Fail("nothing was sent");
    }

    private async Task<List<string>> TakeAsync(int count)
    {
        var taken = new List<string>();
        await using var iran = await OpenAsync("iran", _iran);
        await foreach (var message in iran.ReceiveAsync(Cancel))
        {
            taken.Add(message.Result.Statement is { } said ? System.Text.Encoding.UTF8.GetString(said.Body) : message.Result.Code);
            await message.SettleAsync(Cancel);
            if (taken.Count == count) break;
        }
        return taken;
    }

    private void Deliver(byte[] wire, long? index = null)
    {
        Assert.True(Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        _bus.Inbox.Enqueue(wire);
        _bus.Receipts.Enqueue(
            _ledger.Receipt(index ?? _ledger.Append(envelope, _samples.Document.PolicyDigest, _samples.Time.GetUtcNow())));
    }

    private LocalSigner Signer(string mediator) => new(_samples[Samples.KeyId(mediator)]);

    private Task<DelegationClient> OpenAsync(string name, TemporaryFolder folder, string? identity = null) =>
        DelegationClient.OpenAsync(
            _bus,
            new DelegationClientOptions
            {
                Document = _samples.Document,
                Delegation = name,
                Identity = new LocalSigner(_samples[identity ?? $"{name}#1"]),
                DecryptionKeys = name == "nobody" ? [] : [_samples[$"{name}#enc-1"]],
                Keys = new BothKeys(_samples.MediatorKeys, _relay.Keys),
                RelayName = TestRelay.Name,
                RelayKey = TestRelay.VaultKey,
                Store = new FolderDelegationStore(folder.Path, TimeProvider.System),
                Time = _samples.Time,
            },
            Cancel);

    private sealed class BothKeys(IMediatorKeys one, IMediatorKeys other) : IMediatorKeys
    {
        public async ValueTask<MediatorKey> FindAsync(
            KeyIdentifier identifier, DateTimeOffset? signedAt, CancellationToken cancellationToken)
        {
            var found = await one.FindAsync(identifier, signedAt, cancellationToken);
            return found.Key is null ? await other.FindAsync(identifier, signedAt, cancellationToken) : found;
        }
    }

    private sealed class FailingOnce(IEnvelopeSubmitter inner) : IEnvelopeSubmitter
    {
        private bool _failed;

        public Task<Submission> SubmitAsync(Envelope envelope, CancellationToken cancellationToken)
        {
            if (_failed) return inner.SubmitAsync(envelope, cancellationToken);
            _failed = true;
            return Task.FromException<Submission>(new HttpRequestException("no answer"));
        }
    }
}

using System.Collections.Concurrent;
using Relay.Testing;

namespace Azure.Messaging.ServiceBus.Tests.Processing;

public sealed class LockRenewalTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentQueue<Exception> _reports = new();
    private readonly ConcurrentQueue<MessageLockLostEventArgs> _losses = new();

    [Theory]
    [InlineData(60, 50)]
    [InlineData(30, 20)]
    [InlineData(20, 10)]
    [InlineData(10, 5)]
    [InlineData(1, 0.5)]
    [InlineData(0.39, 0)]
    [InlineData(-5, 0)]
    public void DelayFor_Remaining_IsHalfOfItOrAllButTenSeconds(double remaining, double expected) =>
        Assert.Equal(TimeSpan.FromSeconds(expected), LockRenewal.DelayFor(TimeSpan.FromSeconds(remaining)));

    [Fact]
    public async Task Renewal_HandlerRuns_RenewsTenSecondsBeforeEachEnd()
    {
        var receiver = new RenewingReceiver(_time);
        await using var renewal = Start(receiver, TimeSpan.FromMinutes(5));
        for (var renewals = 1; renewals <= 3; renewals++)
        {
            await ArmedAsync();
            _time.Advance(TimeSpan.FromSeconds(49.9));
            Assert.Equal(renewals - 1, receiver.Renewals);
            _time.Advance(TimeSpan.FromSeconds(0.1));
            await TestDeadline.Until(() => receiver.Renewals == renewals, "the renewal");
        }
    }

    [Fact]
    public async Task Renewal_LimitReached_Ends()
    {
        var receiver = new RenewingReceiver(_time);
        await using var renewal = Start(receiver, TimeSpan.FromSeconds(99));
        await ArmedAsync();
        _time.Advance(TimeSpan.FromSeconds(50));
        await TestDeadline.Until(() => receiver.Renewals == 1 && _time.ArmedTimers == 0, "the only renewal");

        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(1, receiver.Renewals);
    }

    [Fact]
    public async Task Renewal_LimitOfZero_NeverRenews()
    {
        var receiver = new RenewingReceiver(_time);
        await using var renewal = Start(receiver, TimeSpan.Zero);

        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(0, receiver.Renewals);
    }

    [Fact]
    public async Task Renewal_LockLost_TellsTheHandlerAndReports()
    {
        var receiver = new RenewingReceiver(_time) { Failure = new ServiceBusException("gone", ServiceBusFailureReason.MessageLockLost) };
        await using var renewal = Start(receiver, TimeSpan.FromMinutes(5));
        await ArmedAsync();

        _time.Advance(TimeSpan.FromSeconds(50));
        await TestDeadline.Until(() => !_reports.IsEmpty, "the report");

        Assert.Same(receiver.Failure, Assert.Single(_losses).Exception);
        Assert.Same(receiver.Failure, Assert.Single(_reports));
    }

    [Fact]
    public async Task Renewal_Settled_Ends()
    {
        var receiver = new RenewingReceiver(_time);
        var message = Message();
        await using var renewal = Start(receiver, TimeSpan.FromMinutes(5), message);
        await ArmedAsync();

        message.IsSettled = true;
        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(0, receiver.Renewals);
        Assert.Empty(_reports);
    }

    private LockRenewal Start(ServiceBusReceiver receiver, TimeSpan limit, ServiceBusReceivedMessage? message = null)
    {
        var args = new ProcessMessageEventArgs(message ?? Message(), receiver, TestContext.Current.CancellationToken);
        args.MessageLockLostAsync += loss => { _losses.Enqueue(loss); return Task.CompletedTask; };
        return new LockRenewal(receiver, args, limit, exception => { _reports.Enqueue(exception); return Task.CompletedTask; }, _time);
    }

    private Task ArmedAsync() => TestDeadline.Until(() => _time.ArmedTimers == 1, "the renewal's timer");

    private ServiceBusReceivedMessage Message() =>
        ServiceBusModelFactory.ServiceBusReceivedMessage(lockTokenGuid: Guid.NewGuid(), lockedUntil: _time.GetUtcNow() + TimeSpan.FromMinutes(1));

    /// <summary>Renews for a minute, or fails.</summary>
    private sealed class RenewingReceiver(TimeProvider time) : ServiceBusReceiver
    {
        private int _renewals;

        public int Renewals => Volatile.Read(ref _renewals);

        public Exception? Failure { get; init; }

        public override Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
        {
            if (Failure is not null)
            {
                return Task.FromException(Failure);
            }

            message.LockedUntil = time.GetUtcNow() + TimeSpan.FromMinutes(1);
            Interlocked.Increment(ref _renewals);
            return Task.CompletedTask;
        }
    }
}

using Relay.Core.Ledger.Commit;
using Relay.Testing;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>A pause of the ledger's work: it goes on in the thread that ends it, so that one thread can drive a whole ledger.</summary>
public sealed class LedgerSchedulerTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    [Fact]
    public void Pause_ThatIsOver_GoesOnInTheTimersThread()
    {
        var time = new ManualTimeProvider();
        var pause = LedgerScheduler.PauseAsync(Pause, time, TestContext.Current.CancellationToken);
        time.Advance(Pause - TimeSpan.FromTicks(1));
        Assert.False(pause.IsCompleted);
        var thread = ThreadThatGoesOn(pause);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.True(pause.IsCompletedSuccessfully);
        Assert.Equal(Environment.CurrentManagedThreadId, thread());
    }

    [Fact]
    public void Pause_ThatIsStopped_EndsAtOnceInTheStoppersThread()
    {
        using var stop = new CancellationTokenSource();
        var pause = LedgerScheduler.PauseAsync(Pause, new ManualTimeProvider(), stop.Token);
        var thread = ThreadThatGoesOn(pause);
        stop.Cancel();
        Assert.True(pause.IsCompletedSuccessfully);
        Assert.Equal(Environment.CurrentManagedThreadId, thread());
    }

    [Fact]
    public void Pause_OfWhatIsStoppedAlready_IsOver()
    {
        var pause = LedgerScheduler.PauseAsync(Pause, new ManualTimeProvider(), new CancellationToken(canceled: true));
        Assert.True(pause.IsCompletedSuccessfully);
    }

    private static Func<int?> ThreadThatGoesOn(Task pause)
    {
        int? thread = null;
        _ = pause.ContinueWith(
            _ => thread = Environment.CurrentManagedThreadId,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return () => thread;
    }
}

namespace Emulator.FunctionsHost.Tests.Triggers.Timer;

/// <summary>Timer functions of the genuine worker.</summary>
public sealed class TimerTests
{
    [Fact]
    public async Task Timer_RunOnStartup_RunsAtOnceAndIsToldTheNextRun()
    {
        var test = new TestHost();
        await using var host = await test.StartAsync("Tick");

        await test.SeenAsync("tick ");

        Assert.Matches("^tick False [0-9]{4}-01-01T00:00:00", Assert.Single(test.Texts()));
    }

    [Fact]
    public async Task Timer_EverySecond_GoesOn()
    {
        var test = new TestHost().With("TickSchedule", "* * * * * *");
        await using var host = await test.StartAsync("Tick");

        await Relay.Testing.TestDeadline.Until(() => test.CountOf("tick ") >= 3, "three runs");
    }

    [Fact]
    public async Task Timer_Fails_IsRunAgainWithARetryContextUntilItSucceeds()
    {
        var test = new TestHost();
        await using var host = await test.StartAsync("Retried");

        await test.SeenAsync("Executed Retried");
        // What the worker logs goes another way than its answer, and may come after it.
        await test.SeenAsync("retry 2 of 3");

        Assert.Equal(["retry  of ", "retry 1 of 3", "retry 2 of 3"], test.Texts());
    }
}

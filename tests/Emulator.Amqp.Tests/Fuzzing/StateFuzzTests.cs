namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>The connection, session and link machines against peers that break the rules now and then.</summary>
/// <remarks>
/// A conversation that goes wrong is told whole: what it found becomes a
/// test of its own under State/, which outlives changes of the script.
/// </remarks>
public sealed class StateFuzzTests
{
    private const long UsualConversations = 1500;

    [Fact]
    public async Task Machines_AgainstPeersThatBreakTheRules_AnswerAsTheModelSays()
    {
        var seed = FuzzSettings.NewSeed();
        var conversations = FuzzSettings.InputsOr(UsualConversations);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"seed {seed}, {conversations} conversations ({FuzzSettings.Inputs}, {FuzzSettings.Seed})");
        var coverage = await StateFuzz.RunAsync(seed, conversations, () => new ScriptedNodes(), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine($"{coverage}");
        if (conversations >= UsualConversations) coverage.CheckComplete();
    }
}

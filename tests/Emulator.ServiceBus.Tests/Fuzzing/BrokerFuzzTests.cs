using Emulator.Amqp.Tests.Fuzzing;

namespace Emulator.ServiceBus.Tests.Fuzzing;

/// <summary>
/// The broker's connection against peers that break the rules now and then: what AMQP asks for is answered as without a broker behind.
/// </summary>
public sealed class BrokerFuzzTests
{
    private const long UsualConversations = 1500;

    // Senders have a thousand credits, kept up: no conversation here is that long.
    private const string OutOfCredit = "detach amqp:link:transfer-limit-exceeded";

    [Fact]
    public async Task Broker_AgainstPeersThatBreakTheRules_AnswersAsTheModelSays()
    {
        var seed = FuzzSettings.NewSeed();
        var conversations = FuzzSettings.InputsOr(UsualConversations);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"seed {seed}, {conversations} conversations ({FuzzSettings.Inputs}, {FuzzSettings.Seed})");
        var coverage = await StateFuzz.RunAsync(seed, conversations, () => new BrokerNodes(), TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine($"{coverage}");
        if (conversations >= UsualConversations) coverage.CheckComplete(OutOfCredit);
    }
}

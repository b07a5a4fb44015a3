using Azure.Messaging.ServiceBus;
using Emulator.ServiceBus;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Triggers.ServiceBus;

/// <summary>Service Bus functions of the genuine worker, over the emulator and the official client.</summary>
public sealed class ServiceBusTests : IAsyncLifetime
{
    private ServiceBusEmulator _emulator = null!;
    private ServiceBusClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var queues = new[] { "single", "auto", "batch" }.Select(name => new QueueSettings { Name = name, MaxDeliveryCount = 3 });
        var sessions = new[] { "sessions", "session-batch" }.Select(name => new QueueSettings { Name = name, RequiresSession = true });
        _emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, Topology = new NamespaceTopology { Queues = [.. queues, .. sessions] } }, Cancel);
        _client = new ServiceBusClient(_emulator.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _emulator.DisposeAsync();
    }

    [Fact]
    public async Task Message_Whole_ArrivesUnchangedAndIsCompletedByTheFunction()
    {
        var test = NewTest();
        await using var host = await test.StartAsync("Single");

        await SendAsync("single", Message("m-1", "complete"));
        await test.SeenAsync("m-1");
        await EmptyAsync("single");

        var text = Assert.Single(test.Texts()).Split(' ');
        Assert.Equal(["m-1", "1", "body", "sent"], [text[0], text[1], text[3], text[4]]);
    }

    [Fact]
    public async Task LockToken_OfTheMessage_IsTheBrokersInTheFunction()
    {
        // Every byte differs, so that no order of them but the right one settles.
        var test = NewTest();
        await using var host = await test.StartAsync("Single");

        await SendAsync("single", Message("m-1", "renew"));
        await test.SeenAsync("m-1");
        await EmptyAsync("single");

        Assert.Equal(0, test.CountOf("Failed"));
    }

    [Fact]
    public async Task Message_Abandoned_ComesAgainWithChangedProperties()
    {
        var test = NewTest();
        await using var host = await test.StartAsync("Single");

        await SendAsync("single", Message("m-1", "abandon"));
        await test.SeenAsync("m-1 2");
        await EmptyAsync("single");

        Assert.EndsWith(" body changed", test.Texts()[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_DeadLettered_KeepsReasonDescriptionAndTypedProperties()
    {
        var test = NewTest();
        await using var host = await test.StartAsync("Single");
        await using var receiver = _client.CreateReceiver("single", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });

        await SendAsync("single", Message("m-1", "dead-letter"));
        var dead = await TestDeadline.Within(receiver.ReceiveMessageAsync(TestDeadline.Default, Cancel));

        Assert.Equal(("the reason", "the description"), (dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        Assert.Equal("changed", dead.ApplicationProperties["p"]);
        Assert.Equal(DateTimeOffset.UnixEpoch, dead.ApplicationProperties["when"]);
        Assert.Equal(TimeSpan.FromSeconds(1), dead.ApplicationProperties["for"]);
        Assert.Equal(new Uri("https://a/b"), dead.ApplicationProperties["at"]);
    }

    [Fact]
    public async Task Message_Deferred_IsThereByItsNumber()
    {
        var test = NewTest();
        await using var host = await test.StartAsync("Single");
        await using var receiver = _client.CreateReceiver("single");

        await SendAsync("single", Message("m-1", "defer"));
        await test.SeenAsync("Executed Single");

        Assert.Equal("changed", (await receiver.ReceiveDeferredMessageAsync(1, Cancel)).ApplicationProperties["p"]);
    }

    [Fact]
    public async Task Function_Throws_MessageComesAgain()
    {
        var test = NewTest();
        await using var host = await test.StartAsync("Single");

        await SendAsync("single", Message("m-1", "throw"));
        await test.SeenAsync("m-1 2");
        await EmptyAsync("single");

        Assert.Equal(1, test.CountOf("Failed Single"));
    }

    [Fact]
    public async Task Settlement_OfWhatIsNotHeld_IsRefusedWithThePlatformsStatus()
    {
        var test = NewTest();
        await using var host = await test.StartAsync("Single");

        await SendAsync("single", Message("m-1", "stranger"), Message("m-2", "twice"));
        await TestDeadline.Until(() => test.CountOf("refused") == 2, "two refusals");
        await EmptyAsync("single");

        // A stranger's token is not found; one that is settled already, the bus refuses. Neither is a ServiceBusException.
        Assert.Equal(
            ["refused FailedPrecondition True", "refused Unknown False"],
            test.Texts().Where(text => text.StartsWith("refused", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task AutoComplete_OfTheTrigger_CompletesWhatSucceededOnly()
    {
        var test = NewTest();
        await using var host = await test.StartAsync("Auto");

        await SendAsync("auto", Message("m-1", "throw"), Message("m-2", "x"));
        await TestDeadline.Until(() => test.CountOf("Executed Auto") == 2, "two successes");
        await EmptyAsync("auto");

        Assert.Equal(2, test.CountOf("auto m-1"));
        Assert.Equal(1, test.CountOf("auto m-2"));
    }

    [Fact]
    public async Task Batch_OfSeveral_IsHandedOverAtOnceAndSettledEachOnItsOwn()
    {
        await SendAsync(
            "batch",
            [
                .. Enumerable.Range(1, 5)
                    .Select(number => Message($"m-{number}", number switch { 2 => "dead-letter", 4 => "abandon", _ => "x" })),
            ]);
        var test = NewTest();
        await using var host = await test.StartAsync("Batch");
        await test.SeenAsync("batch m-4 ");
        await EmptyAsync("batch");

        Assert.Contains("batch m-1,m-2,m-3,m-4,m-5 m-1,m-2,m-3,m-4,m-5", test.Texts());
        Assert.Equal(1, Look("batch").DeadLettered);
        Assert.Equal(0, test.CountOf("Function Batch:"));
    }

    [Fact]
    public async Task Batch_FunctionThrows_OnlyWhatItLeftComesAgain()
    {
        await SendAsync("batch", Message("m-1", "throw"), Message("m-2", "dead-letter"), Message("m-3", "x"));
        var test = NewTest();
        await using var host = await test.StartAsync("Batch");
        int Told(string id) => test.Texts().Count(text => text.Contains(id, StringComparison.Ordinal));
        await TestDeadline.Until(() => test.CountOf("Executed Batch") >= 1, "a success");
        await EmptyAsync("batch");
        // What the worker logs goes another way than its answer, and may come after it.
        await TestDeadline.Until(() => Told("m-3") >= 2, "what was left, again");

        Assert.Equal(1, Look("batch").DeadLettered);
        Assert.Equal(1, Told("m-2"));
        Assert.Equal(2, Told("m-3"));
    }

    [Fact]
    public async Task Sessions_StateLockAndRelease_Work()
    {
        await SendAsync("sessions", [.. "abc".Select(letter => InSession("s", $"{letter}"))]);
        await SendAsync("sessions", InSession("t", "x"));
        var test = NewTest();
        await using var host = await test.StartAsync("Sessions");
        await TestDeadline.Until(() => test.CountOf("session ") == 4, "four messages");
        await EmptyAsync("sessions");

        Assert.Equal(["session s a ", "session s b a", "session s c ab", "session t x "], test.Texts().Order());
    }

    [Fact]
    public async Task SessionBatch_OfSeveralSessions_MixesNone()
    {
        await SendAsync("session-batch", InSession("s", "1"), InSession("s", "2"), InSession("t", "3"));
        var test = NewTest();
        await using var host = await test.StartAsync("SessionBatch");
        await TestDeadline.Until(() => test.CountOf("session batch") == 3, "three messages");
        await EmptyAsync("session-batch");

        Assert.Equal(3, test.Texts().Distinct().Count());
    }

    [Fact]
    public async Task Messages_ManyAtOnce_EachRunsOnce()
    {
        await SendAsync("single", [.. Enumerable.Range(0, 500).Select(number => Message($"m-{number}", "complete"))]);
        var test = NewTest();
        await using var host = await test.StartAsync("Single");
        await TestDeadline.Until(() => test.CountOf("m-") >= 500, "500 messages");
        await EmptyAsync("single");

        Assert.Equal(500, test.Texts().Select(text => text.Split(' ')[0]).Distinct().Count());
        Assert.Equal(500, test.CountOf("m-"));
    }

    [Fact]
    public async Task Stop_FunctionRuns_IsWaitedFor()
    {
        var test = new TestHost { DrainTimeout = TimeSpan.Zero }.With("Bus", _emulator.ConnectionString);
        var host = await test.StartAsync("Single");
        await SendAsync("single", Message("m-1", "hang"));
        await test.SeenAsync("hangs");

        await TestDeadline.Within(host.DisposeAsync().AsTask());

        // Cancelled, since it does not end by itself; its message goes back at once.
        Assert.Equal(1, test.CountOf("Canceled Single"));
        Assert.Equal(0, test.CountOf("Failed Single"));
        await using var receiver = _client.CreateReceiver("single");
        Assert.Equal(2, (await TestDeadline.Within(receiver.ReceiveMessageAsync(TestDeadline.Default, Cancel))).DeliveryCount);
    }

    [Fact]
    public async Task Worker_DiesInAFunction_MessageComesToTheNextWorker()
    {
        var test = NewTest();
        await using var host = await test.StartAsync("Single");
        var first = host.WorkerProcessId;

        await SendAsync("single", Message("m-1", "exit"));
        await test.SeenAsync("m-1 2");
        await EmptyAsync("single");

        Assert.NotEqual(first, host.WorkerProcessId);
    }

    [Fact]
    public async Task FunctionTimeout_FunctionDoesNotEnd_WorkerIsReplacedAndTheMessageComesAgain()
    {
        var test = NewTest().With("AzureFunctionsJobHost__functionTimeout", "00:00:02");
        await using var host = await test.StartAsync("Single");

        await SendAsync("single", Message("m-1", "stuck"));
        await test.SeenAsync("m-1 2");
        await EmptyAsync("single");

        Assert.Equal(1, test.CountOf("Single, invocation"));
    }

    private EntitySnapshot Look(string queue) => _emulator.Snapshot().Entities.Single(entity => entity.Path == queue);

    private TestHost NewTest() => new TestHost().With("Bus", _emulator.ConnectionString);

    private static ServiceBusMessage Message(string id, string subject) =>
        new("body")
        {
            MessageId = id,
            Subject = subject,
            ApplicationProperties = { ["p"] = "sent", ["number"] = 7, ["not-a-number"] = double.NaN },
        };

    private static ServiceBusMessage InSession(string session, string body) => new(body) { SessionId = session, MessageId = $"m-{body}" };

    private async Task SendAsync(string queue, params ServiceBusMessage[] messages)
    {
        await using var sender = _client.CreateSender(queue);
        foreach (var chunk in messages.Chunk(100)) await sender.SendMessagesAsync(chunk, Cancel);
    }

    private Task EmptyAsync(string queue) => TestDeadline.Until(() => Look(queue).Active == 0, $"{queue} is empty");
}

using System.Diagnostics;
using System.Text;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Relay.Testing;

namespace Emulator.Functions.Tests.Triggers.ServiceBus;

public sealed class ServiceBusTriggerTests : IAsyncDisposable
{
    private const string ConnectionString = "Endpoint=sb://localhost;SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true;";
    private const string HostJson = """
        { "version": "2.0", "extensions": { "serviceBus": { "autoCompleteMessages": false, "maxConcurrentCalls": 5, "prefetchCount": 3, "maxAutoLockRenewalDuration": "00:02:00" } } }
        """;

    private readonly FakeServiceBusClient _client = new();
    private readonly Probe _probe = new();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task Start_Processor_HasTheOptionsOfHostJsonAndAttribute()
    {
        await using var host = await Test().StartAsync(typeof(QueueFunction), typeof(AutoFunction), typeof(DeadLetterFunction), typeof(TopicFunction));

        var plain = _client.Processors["q"].Options;
        Assert.Equal((5, 3, false, TimeSpan.FromMinutes(2), ServiceBusReceiveMode.PeekLock, SubQueue.None),
            (plain.MaxConcurrentCalls, plain.PrefetchCount, plain.AutoCompleteMessages, plain.MaxAutoLockRenewalDuration, plain.ReceiveMode, plain.SubQueue));
        Assert.True(_client.Processors["auto"].Options.AutoCompleteMessages);
        Assert.Equal(SubQueue.DeadLetter, _client.Processors["dead"].Options.SubQueue);
        Assert.Equal(SubQueue.None, _client.Processors["topic/sub"].Options.SubQueue);
        await TestDeadline.Within(Task.WhenAll(_client.Processors.Values.Select(processor => processor.Started.Task)));
    }

    [Fact]
    public async Task Message_Function_GetsItWithActionsContextAndToken()
    {
        await using var host = await Test().StartAsync(typeof(QueueFunction));
        _probe.OnMessage = async (message, actions, context, token) =>
        {
            Assert.Equal("hello", message.Body.ToString());
            Assert.Equal("m1", context.BindingContext.BindingData["messageId"]);
            Assert.Equal(2, context.BindingContext.BindingData["DeliveryCount"]);
            Assert.Equal(context.CancellationToken, token);
            Assert.Equal("QueueFunction", context.FunctionDefinition.Name);
            Assert.Equal(0, context.RetryContext.RetryCount);
            await actions.CompleteMessageAsync(message, token);
        };

        Assert.Null(await DeliverAsync("q", Message("m1", deliveryCount: 2)));

        Assert.Equal(["complete m1"], Receiver("q").Settlements);
    }

    [Fact]
    public async Task Message_TextBytesAndMetadata_AreBoundByTypeAndName()
    {
        await using var host = await Test().StartAsync(typeof(AutoFunction), typeof(DeadLetterFunction), typeof(TopicFunction));

        Assert.Null(await DeliverAsync("auto", Message("m1")));
        Assert.Null(await DeliverAsync("dead", Message("m2")));
        Assert.Null(await DeliverAsync("topic/sub", Message("m3", deliveryCount: 4)));

        Assert.Equal(["text hello", "bytes hello", "m3 4"], _probe.Notes);
    }

    [Fact]
    public async Task Message_FunctionThrows_ProcessorSeesItWrapped()
    {
        var test = Test();
        await using var host = await test.StartAsync(typeof(QueueFunction));
        _probe.OnMessage = (_, _, _, _) => throw new ServiceBusException("lost", ServiceBusFailureReason.MessageLockLost);

        var seen = await DeliverAsync("q", Message("m1"));

        // Bare, it would pass for the loss of this very message's lock, and the message would not be abandoned.
        Assert.IsNotType<ServiceBusException>(seen);
        Assert.IsType<ServiceBusException>(seen!.InnerException);
        Assert.IsType<ServiceBusException>(Assert.Single(test.Logs.Entries, entry => entry.Id == 7103).Exception);
        Assert.Empty(Receiver("q").Settlements);
    }

    [Fact]
    public async Task Actions_EverySettlement_GoesThroughTheProcessorsArguments()
    {
        await using var host = await Test().StartAsync(typeof(QueueFunction));
        _probe.OnMessage = async (message, actions, _, token) =>
        {
            await actions.RenewMessageLockAsync(message, token);
            await actions.AbandonMessageAsync(message, new Dictionary<string, object> { ["a"] = 1 }, token);
            await actions.DeferMessageAsync(message, cancellationToken: token);
            await actions.DeadLetterMessageAsync(message, deadLetterReason: "bad", deadLetterErrorDescription: "why", cancellationToken: token);
            await actions.DeadLetterMessageAsync(message, new Dictionary<string, object> { ["b"] = 2 }, "worse", cancellationToken: token);
        };

        Assert.Null(await DeliverAsync("q", Message("m1")));

        Assert.Equal(["renew m1", "abandon[a=1] m1", "defer m1", "dead-letter(bad, why) m1", "dead-letter(worse, )[b=2] m1"], Receiver("q").Settlements);
    }

    [Fact]
    public async Task Actions_BrokerRefuses_ThrowsWithTheWorkersTextForm()
    {
        await using var host = await Test().StartAsync(typeof(QueueFunction));
        Receiver("q").Failure = new ServiceBusException("The lock supplied is invalid.", ServiceBusFailureReason.MessageLockLost);
        SettlementException? caught = null;
        _probe.OnMessage = async (message, actions, _, token) =>
            caught = await Assert.ThrowsAsync<SettlementException>(() => actions.CompleteMessageAsync(message, token));

        Assert.Null(await DeliverAsync("q", Message("m1")));

        Assert.Equal("Unknown", caught!.StatusCode);
        Assert.StartsWith("Status(StatusCode=\"Unknown\", Detail=\"", caught.Message, StringComparison.Ordinal);
        Assert.Contains("The lock supplied is invalid.", caught.Message, StringComparison.Ordinal);
        Assert.IsType<ServiceBusException>(caught.InnerException);
    }

    [Fact]
    public async Task Actions_OtherMessageOrAfterTheInvocation_AreNotHeld()
    {
        await using var host = await Test().StartAsync(typeof(QueueFunction));
        ServiceBusMessageActions? kept = null;
        var mine = Message("m1");
        _probe.OnMessage = async (_, actions, _, token) =>
        {
            kept = actions;
            var other = await Assert.ThrowsAsync<SettlementException>(() => actions.CompleteMessageAsync(Message("m2"), token));
            Assert.Equal("FailedPrecondition", other.StatusCode);
            await Assert.ThrowsAsync<ArgumentNullException>(() => actions.CompleteMessageAsync(null!, token));
        };

        Assert.Null(await DeliverAsync("q", mine));

        var late = await Assert.ThrowsAsync<SettlementException>(() => kept!.CompleteMessageAsync(mine, TestContext.Current.CancellationToken));
        Assert.Contains($"LockToken {mine.LockToken} not found.", late.Message, StringComparison.Ordinal);
        Assert.Empty(Receiver("q").Settlements);
    }

    [Fact]
    public async Task Actions_PropertyOfAnotherType_IsRefused()
    {
        await using var host = await Test().StartAsync(typeof(QueueFunction));
        _probe.OnMessage = async (message, actions, _, token) =>
        {
            var error = await Assert.ThrowsAsync<NotSupportedException>(
                () => actions.AbandonMessageAsync(message, new Dictionary<string, object> { ["a"] = new List<int>() }, token));
            Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
        };

        Assert.Null(await DeliverAsync("q", Message("m1")));
        Assert.Empty(Receiver("q").Settlements);
    }

    [Fact]
    public async Task Stop_FunctionRuns_IsSignalledAndAwaited()
    {
        var host = await Test().StartAsync(typeof(QueueFunction));
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var signalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _probe.OnMessage = async (message, actions, _, token) =>
        {
            await using var registration = token.Register(signalled.SetResult);
            entered.SetResult();
            await finish.Task;
            await actions.CompleteMessageAsync(message, CancellationToken.None);
        };
        var delivery = DeliverAsync("q", Message("m1"));
        await TestDeadline.Within(entered.Task);

        var stopping = host.StopAsync(TestContext.Current.CancellationToken);
        await TestDeadline.Within(signalled.Task);
        Assert.False(stopping.IsCompleted);
        finish.SetResult();
        await TestDeadline.Within(stopping);

        Assert.Null(await delivery);
        Assert.Equal(["complete m1"], Receiver("q").Settlements);
        await host.DisposeAsync();
        Assert.True(_client.Disposed);
    }

    [Fact]
    public async Task Stop_FunctionDoesNotEnd_GivesUpAfterTheTimeout()
    {
        var time = new ManualTimeProvider();
        var test = Test(time);
        await using var host = await test.StartAsync(typeof(QueueFunction));
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _probe.OnMessage = async (_, _, _, _) =>
        {
            entered.SetResult();
            await never.Task;
        };
        var delivery = DeliverAsync("q", Message("m1"));
        await TestDeadline.Within(entered.Task);

        var before = time.ArmedTimers;
        var stopping = host.StopAsync(TestContext.Current.CancellationToken);
        await TestDeadline.Until(() => time.ArmedTimers > before, "the stop is limited");
        time.Advance(TimeSpan.FromSeconds(31));
        await TestDeadline.Within(stopping);

        Assert.Single(test.Logs.Entries, entry => entry.Id == 7005);
        never.SetResult();
        await delivery;
    }

    [Fact]
    public async Task Stop_MessageComesAfterIt_IsHandedBackUnstarted()
    {
        var host = await Test().StartAsync(typeof(QueueFunction));
        _probe.OnMessage = (_, _, _, _) => throw new InvalidOperationException("must not run");
        await host.StopAsync(TestContext.Current.CancellationToken);

        var seen = await DeliverAsync("q", Message("m1"));

        Assert.Contains("was not started", seen!.Message, StringComparison.Ordinal);
        await host.DisposeAsync();
    }

    [Fact]
    public async Task FunctionTimeout_FunctionRunsLonger_IsSignalled()
    {
        var time = new ManualTimeProvider();
        var test = Test(time);
        await using var host = await test.StartAsync(typeof(QueueFunction));
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _probe.OnMessage = (_, _, _, token) =>
        {
            entered.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        };
        var delivery = DeliverAsync("q", Message("m1"));
        await TestDeadline.Within(entered.Task);

        time.Advance(TimeSpan.FromMinutes(30));

        Assert.IsAssignableFrom<OperationCanceledException>((await TestDeadline.Within(delivery))!.InnerException);
        Assert.Single(test.Logs.Entries, entry => entry.Id == 7105);
    }

    [Fact]
    public async Task Start_ProcessorDoesNotStart_IsRetriedAndTheHostStaysUp()
    {
        var time = new ManualTimeProvider();
        var test = Test(time);
        _client.StartFailure = new ServiceBusException("no such entity", ServiceBusFailureReason.MessagingEntityNotFound);
        await using var host = await test.StartAsync(typeof(QueueFunction));
        var processor = _client.Processors["q"];
        await TestDeadline.Until(() => time.ArmedTimers == 1, "the first try failed");

        time.Advance(TimeSpan.FromSeconds(1));
        await TestDeadline.Until(() => processor.Starts == 2 && time.ArmedTimers == 1, "the second try failed");
        _client.StartFailure = null;
        time.Advance(TimeSpan.FromSeconds(2));

        await TestDeadline.Within(processor.Started.Task);
        Assert.Equal(2, test.Logs.Entries.Count(entry => entry.Id == 7203));
    }

    [Fact]
    public async Task ProcessorError_SameOneAgain_IsLoggedOnceIn30Seconds()
    {
        var time = new ManualTimeProvider();
        var test = Test(time);
        await using var host = await test.StartAsync(typeof(QueueFunction));
        var processor = _client.Processors["q"];
        var missing = new ServiceBusException("no such entity", ServiceBusFailureReason.MessagingEntityNotFound);

        await processor.FailAsync(missing, ServiceBusErrorSource.Receive);
        await processor.FailAsync(missing, ServiceBusErrorSource.Receive);
        await processor.FailAsync(new TimeoutException(), ServiceBusErrorSource.ProcessMessageCallback);
        Assert.Equal((1, 1), (Count(7201), Count(7202)));
        await processor.FailAsync(missing, ServiceBusErrorSource.RenewLock);
        Assert.Equal(2, Count(7201));
        time.Advance(TimeSpan.FromSeconds(31));
        await processor.FailAsync(missing, ServiceBusErrorSource.RenewLock);
        Assert.Equal(3, Count(7201));

        int Count(int id) => test.Logs.Entries.Count(entry => entry.Id == id);
    }

    [Theory]
    [InlineData("traceparent")]
    [InlineData("Diagnostic-Id")]
    public async Task Message_TraceOfTheSender_IsTheInvocationsParent(string property)
    {
        const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        Activity? activity = null;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Emulator.Functions",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await Test().StartAsync(typeof(QueueFunction));
        _probe.OnMessage = (_, _, context, _) =>
        {
            activity = Activity.Current;
            Assert.Equal(activity!.Id, context.TraceContext.TraceParent);
            return Task.CompletedTask;
        };

        Assert.Null(await DeliverAsync("q", Message("m1", properties: new Dictionary<string, object> { [property] = Parent })));

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", activity!.TraceId.ToHexString());
        Assert.Equal("b7ad6b7169203331", activity.ParentSpanId.ToHexString());
        Assert.Equal("QueueFunction", activity.GetTagItem("faas.name"));
    }

    [Fact]
    public async Task Middleware_Throws_FailsTheMessage()
    {
        var test = Test(configure: worker => worker.UseMiddleware((_, _) => throw new InvalidTimeZoneException()));
        await using var host = await test.StartAsync(typeof(QueueFunction));

        Assert.IsType<InvalidTimeZoneException>((await DeliverAsync("q", Message("m1")))!.InnerException);
    }

    private TestHost Test(TimeProvider? time = null, Action<IFunctionsWorkerApplicationBuilder>? configure = null) => new TestHost
    {
        Time = time ?? TimeProvider.System,
        HostJson = HostJson,
        Client = (_, _) => _client,
        Services = services => services.AddSingleton(_probe),
        Configure = configure ?? (static _ => { }),
    }.With("Bus", ConnectionString);

    private FakeReceiver Receiver(string entity) => _client.Processors[entity].Receiver;

    private Task<Exception?> DeliverAsync(string entity, ServiceBusReceivedMessage message) => TestDeadline.Within(_client.Processors[entity].DeliverAsync(message));

    private static ServiceBusReceivedMessage Message(string id, int deliveryCount = 1, IDictionary<string, object>? properties = null) =>
        ServiceBusModelFactory.ServiceBusReceivedMessage(
            BinaryData.FromString("hello"), messageId: id, deliveryCount: deliveryCount, lockTokenGuid: Guid.NewGuid(), properties: properties);

    public sealed class Probe
    {
        private readonly List<string> _notes = [];

        public Func<ServiceBusReceivedMessage, ServiceBusMessageActions, FunctionContext, CancellationToken, Task> OnMessage { get; set; } =
            static (_, _, _, _) => Task.CompletedTask;

        public IReadOnlyList<string> Notes => _notes;

        public void Note(string note) => _notes.Add(note);
    }

    public sealed class QueueFunction(Probe probe)
    {
        [Function("QueueFunction")]
        public Task Run(
            [ServiceBusTrigger("q", Connection = "Bus")] ServiceBusReceivedMessage message,
            ServiceBusMessageActions actions,
            FunctionContext context,
            CancellationToken cancellationToken) => probe.OnMessage(message, actions, context, cancellationToken);
    }

    public sealed class AutoFunction(Probe probe)
    {
        [Function("AutoFunction")]
        public void Run([ServiceBusTrigger("auto", Connection = "Bus", AutoCompleteMessages = true)] string text) => probe.Note($"text {text}");
    }

    public sealed class DeadLetterFunction(Probe probe)
    {
        [Function("DeadLetterFunction")]
        public void Run([ServiceBusTrigger("dead/$DeadLetterQueue", Connection = "Bus")] byte[] bytes) => probe.Note($"bytes {Encoding.UTF8.GetString(bytes)}");
    }

    public sealed class TopicFunction(Probe probe)
    {
        [Function("TopicFunction")]
        public void Run([ServiceBusTrigger("topic", "sub", Connection = "Bus")] ServiceBusReceivedMessage message, string messageId, int deliveryCount) =>
            probe.Note($"{messageId} {deliveryCount}");
    }
}

using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Tests.Worker;
using Emulator.ServiceBus;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Topology;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Relay.Testing;
using RpcException = Emulator.FunctionsHost.Protocol.RpcException;

namespace Emulator.FunctionsHost.Tests.Triggers.ServiceBus;

/// <summary>
/// Messages and their settlement between bus, host and a scripted worker: what depends on moments that a test must choose.
/// </summary>
public sealed class ServiceBusWireTests : IAsyncLifetime
{
    // The broker's clock stands such that the lock it gives ends two seconds from now by the client's: renewal is due at once.
    private readonly ManualTimeProvider _brokerTime = new(TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(58));
    private readonly ScriptedWorkers _workers = new(Listed.Queue("One", "q"));
    private readonly ConcurrentQueue<InvocationRequest> _held = [];
    private ServiceBusEmulator _emulator = null!;
    private ServiceBusClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ScriptedWorker Worker => _workers.Started.Last();

    public async ValueTask InitializeAsync()
    {
        var topology = new NamespaceTopology { Queues = [new QueueSettings { Name = "q", MaxDeliveryCount = 3 }] };
        _emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, TimeProvider = _brokerTime, Topology = topology }, Cancel);
        _client = new ServiceBusClient(_emulator.ConnectionString);
        _workers.OnInvocation((_, invocation) =>
        {
            _held.Enqueue(invocation);
            return Task.FromResult<StreamingMessage?>(null);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _emulator.DisposeAsync();
    }

    [Fact]
    public async Task Settlement_BeforeAnyLogAndBeforeTheResponse_SettlesTheMessage()
    {
        await using var host = await StartAsync();
        await SendAsync(1);
        var invocation = await HeldAsync(1);

        // Another HTTP/2 stream than that of the logs: it may overtake them, but never the response, which the function gives after it.
        await Worker.CallAsync<CompleteRequest, Empty>("Settlement", "Complete", new CompleteRequest { Locktoken = TokenOf(invocation) });
        await EmptyAsync();
        await Worker.SendAsync(new StreamingMessage { RpcLog = new RpcLog { InvocationId = invocation.InvocationId, Message = "late", Level = RpcLog.Types.Level.Information } });
        await Worker.SucceedAsync(invocation);

        await EmptyAsync();
        Assert.Equal(0, Look().DeadLettered);
    }

    [Fact]
    public async Task Settlement_AfterTheResponse_IsRefusedAndTheMessageStaysLocked()
    {
        var test = NewTest();
        await using var host = await test.StartAsync();
        await SendAsync(1);
        var invocation = await HeldAsync(1);
        await Worker.SucceedAsync(invocation);
        await test.SeenAsync("Executed One");

        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(
            () => Worker.CallAsync<CompleteRequest, Empty>("Settlement", "Complete", new CompleteRequest { Locktoken = TokenOf(invocation) }));

        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Equal($"LockToken {TokenOf(invocation)} not found.", refused.Status.Detail);
        Assert.Equal(1, Look().Active);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no token")]
    [InlineData("00112233-4455-6677-8899-aabbccddeeff")]
    public async Task Settlement_OfAStrangersToken_IsRefused(string token)
    {
        await using var host = await StartAsync();

        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(
            () => Worker.CallAsync<AbandonRequest, Empty>("Settlement", "Abandon", new AbandonRequest { Locktoken = token }));

        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
    }

    [Fact]
    public async Task Settlement_PropertiesThatAreNoAmqpMap_FailWithoutSettling()
    {
        await using var host = await StartAsync();
        await SendAsync(1);
        var invocation = await HeldAsync(1);
        var request = new AbandonRequest
        {
            Locktoken = TokenOf(invocation),
            PropertiesToModify = Google.Protobuf.ByteString.CopyFrom(0xD1, 0xFF, 0xFF, 0xFF, 0xFF, 1),
        };

        var refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => Worker.CallAsync<AbandonRequest, Empty>("Settlement", "Abandon", request));

        Assert.Equal((StatusCode.Unknown, 1), (refused.StatusCode, _held.Count));
        await Worker.CallAsync<CompleteRequest, Empty>("Settlement", "Complete", new CompleteRequest { Locktoken = TokenOf(invocation) });
        await EmptyAsync();
        await Worker.SucceedAsync(invocation);
    }

    [Fact]
    public async Task Function_SettlesNothing_LockLapsesAndItIsDeliveredAgain()
    {
        var test = NewTest();
        await using var host = await test.StartAsync();
        await SendAsync(1);
        await Worker.SucceedAsync(await HeldAsync(1));
        await test.SeenAsync("Executed One");

        _brokerTime.Advance(TimeSpan.FromSeconds(61));
        var second = await HeldAsync(2);

        Assert.Equal("2", second.TriggerMetadata["DeliveryCount"].Json);
        await Worker.SucceedAsync(second);
    }

    [Fact]
    public async Task Function_Slow_KeepsItsLock()
    {
        using var renewals = new RenewalListener();
        await using var host = await StartAsync();
        await SendAsync(1);
        var invocation = await HeldAsync(1);

        // 40 s, a renewal, and 30 s more: past the end of the lock that was given, and within the renewed one.
        _brokerTime.Advance(TimeSpan.FromSeconds(40));
        renewals.Forget();
        await renewals.SeenAsync(TokenOf(invocation));
        _brokerTime.Advance(TimeSpan.FromSeconds(30));
        await Worker.CallAsync<CompleteRequest, Empty>("Settlement", "Complete", new CompleteRequest { Locktoken = TokenOf(invocation) });
        await Worker.SucceedAsync(invocation);
        await EmptyAsync();

        Assert.Single(_held);
    }

    [Fact]
    public async Task Function_AlwaysFails_IsDeadLetteredAtLast()
    {
        await using var host = await StartAsync();
        await SendAsync(1);
        for (var delivery = 1; delivery <= 3; delivery++)
        {
            var invocation = await HeldAsync(delivery);
            Assert.Equal($"{delivery}", invocation.TriggerMetadata["DeliveryCount"].Json);
            await Worker.FailAsync(invocation, new RpcException { Message = "no" });
        }

        await TestDeadline.Until(() => Look().DeadLettered == 1, "it is dead-lettered");
    }

    [Fact]
    public async Task Messages_More_RunNoMoreAtOnceThanHostJsonSays()
    {
        var (running, highest) = (0, 0);
        _workers.OnInvocation((_, invocation) =>
        {
            highest = Math.Max(highest, Interlocked.Increment(ref running));
            _held.Enqueue(invocation);
            return Task.FromResult<StreamingMessage?>(null);
        });
        await using var host = await StartAsync();
        await SendAsync(40);
        for (var number = 1; number <= 40; number++)
        {
            // One is let go when as many run as may.
            await HeldAsync(Math.Min(40, number + 7));
            var invocation = _held.ElementAt(number - 1);
            await Worker.CallAsync<CompleteRequest, Empty>("Settlement", "Complete", new CompleteRequest { Locktoken = TokenOf(invocation) });
            Interlocked.Decrement(ref running);
            await Worker.SucceedAsync(invocation);
        }

        await EmptyAsync();
        Assert.Equal(8, highest);
        Assert.Equal(40, _held.Select(invocation => invocation.TriggerMetadata["MessageId"].String).Distinct().Count());
    }

    [Fact]
    public async Task Worker_DiesInManyFunctions_EachMessageComesOnceToTheNext()
    {
        await using var host = await StartAsync();
        await SendAsync(20);
        await HeldAsync(8);

        Worker.Exit(137);
        _workers.OnInvocation(async (worker, invocation) =>
        {
            _held.Enqueue(invocation);
            await worker.CallAsync<CompleteRequest, Empty>("Settlement", "Complete", new CompleteRequest { Locktoken = TokenOf(invocation) });
            return worker.Usual(new StreamingMessage { InvocationRequest = invocation });
        });
        await EmptyAsync();

        // Eight ran and cost a delivery; the others waited for the next worker.
        var second = _held.Skip(8).ToList();
        Assert.Equal(20, second.Select(invocation => invocation.TriggerMetadata["MessageId"].String).Distinct().Count());
        Assert.Equal(20, second.Count);
        Assert.Equal(8, second.Count(invocation => invocation.TriggerMetadata["DeliveryCount"].Json == "2"));
        Assert.Equal(0, Look().DeadLettered);
    }

    [Fact]
    public async Task Stop_MidFlight_LosesNothing()
    {
        await SendAsync(50);
        var first = await StartAsync();
        await HeldAsync(8);
        var worker = Worker;
        var settled = _held.Take(4).ToList();
        foreach (var invocation in settled)
        {
            await worker.CallAsync<CompleteRequest, Empty>("Settlement", "Complete", new CompleteRequest { Locktoken = TokenOf(invocation) });
        }

        // Some are settled and never answer, some fail in the stop, some are given up.
        var stopping = first.DisposeAsync().AsTask();
        foreach (var invocation in _held.Skip(4).Take(2)) await worker.FailAsync(invocation, new RpcException { Type = "System.OperationCanceledException" });
        await TestDeadline.Within(stopping);
        _held.Clear();

        _workers.OnInvocation(async (next, invocation) =>
        {
            // Before it is settled: the queue is empty as soon as the last one is.
            _held.Enqueue(invocation);
            await next.CallAsync<CompleteRequest, Empty>("Settlement", "Complete", new CompleteRequest { Locktoken = TokenOf(invocation) });
            return next.Usual(new StreamingMessage { InvocationRequest = invocation });
        });
        // What was given up comes back when its lock ends.
        _brokerTime.Advance(TimeSpan.FromSeconds(61));
        await using var second = await StartAsync();
        await EmptyAsync();

        Assert.Equal(46, _held.Select(invocation => invocation.TriggerMetadata["MessageId"].String).Distinct().Count());
        Assert.Equal((46, 0L), (_held.Count, Look().DeadLettered));
    }

    [Fact]
    public async Task Stop_FunctionNeverEnds_IsGivenUpAtTheShutdownTimeout()
    {
        var test = NewTest();
        var host = await test.StartAsync();
        await SendAsync(1);
        await HeldAsync(1);

        await TestDeadline.Within(host.DisposeAsync().AsTask());

        Assert.Equal(1, test.CountOf("Functions host stopped waiting"));
        Assert.True(Worker.Exited.IsCompleted);
    }

    [Fact]
    public async Task Start_EntityIsMissing_OthersRunAndItIsLogged()
    {
        _workers.Functions = [Listed.Queue("One", "q"), Listed.Queue("Missing", "nowhere")];
        var test = NewTest();
        await using var host = await test.StartAsync();
        await SendAsync(1);

        await Worker.SucceedAsync(await HeldAsync(1));
        await TestDeadline.Until(() => test.Logs.Entries.Any(entry => entry.Id == 8201), "the missing queue is logged");

        var logged = test.Logs.Entries.First(entry => entry.Id == 8201);
        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, Assert.IsType<ServiceBusException>(logged.Exception).Reason);
        Assert.Contains("Missing", logged.Message, StringComparison.Ordinal);
    }

    // As text, of the GUID that the first sixteen bytes are.
    private static string TokenOf(InvocationRequest invocation) =>
        new Guid(invocation.InputData[0].Data.ModelBindingData.Content.Span[..16]).ToString();

    private Task<FunctionsHost> StartAsync() => NewTest().StartAsync();

    private TestHost NewTest() =>
        new TestHost { Workers = _workers, DrainTimeout = TimeSpan.Zero, ShutdownTimeout = TimeSpan.FromSeconds(2) }.With(
            "Bus", _emulator.ConnectionString);

    private async Task<InvocationRequest> HeldAsync(int number)
    {
        await TestDeadline.Until(() => _held.Count >= number, $"invocation {number}");
        return _held.ElementAt(number - 1);
    }

    private EntitySnapshot Look() => _emulator.Snapshot().Entities.Single(entity => entity.Path == "q");

    private Task EmptyAsync() => TestDeadline.Until(() => Look().Active == 0, "the queue is empty");

    private async Task SendAsync(int count)
    {
        await using var sender = _client.CreateSender("q");
        await sender.SendMessagesAsync(Enumerable.Range(0, count).Select(number => new ServiceBusMessage("body") { MessageId = $"m-{number}" }), Cancel);
    }
}

using System.Threading.Channels;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Worker;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Worker;

/// <summary>What the stream of a worker promises, whatever comes on it.</summary>
public sealed class WorkerChannelTests : IAsyncLifetime
{
    private readonly Peer _peer = new();
    private readonly RecordingLoggerFactory _recorded = new();
    private WorkerLogs _logs = null!;
    private WorkerChannel _channel = null!;
    private Task _running = Task.CompletedTask;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Open(_recorded);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _channel.End(new WorkerException("the test is over"));
        await _running;
        _channel.Dispose();
        await _logs.DisposeAsync();
    }

    [Fact]
    public async Task Ask_AnsweredInAnotherOrder_EachGetsItsOwn()
    {
        var asked = Enumerable.Range(0, 3).Select(_ => _channel.AskAsync(Load(), "a load", TestDeadline.Default, Cancel)).ToList();
        var requests = await _peer.TakeAsync(3);

        foreach (var request in requests.Reverse()) _peer.Say(Loaded(request.RequestId, request.RequestId));

        var answers = await TestDeadline.Within(Task.WhenAll(asked));
        Assert.Equal(requests.Select(request => request.RequestId), answers.Select(answer => answer.FunctionLoadResponse.FunctionId));
        Assert.Equal(3, requests.Select(request => request.RequestId).Distinct().Count());
    }

    [Fact]
    public async Task Ask_LogsAndStrangeAnswersInBetween_AreNotTakenForTheAnswer()
    {
        var asked = _channel.AskAsync(Load(), "a load", TestDeadline.Default, Cancel);
        var request = Assert.Single(await _peer.TakeAsync(1));

        // None has an id, or one that was ever asked.
        _peer.Say(new StreamingMessage { RpcLog = new RpcLog { Message = "a log", Level = RpcLog.Types.Level.Warning } });
        _peer.Say(new StreamingMessage { StartStream = new StartStream { WorkerId = "again" } });
        _peer.Say(Loaded("", "nobody's"));
        _peer.Say(Loaded("never asked", "nobody's"));
        Assert.False(asked.IsCompleted);
        _peer.Say(Loaded(request.RequestId, "right"));

        Assert.Equal("right", (await TestDeadline.Within(asked)).FunctionLoadResponse.FunctionId);
    }

    [Fact]
    public async Task Answer_WithoutContent_IsIgnoredEvenWithTheIdOfARequest()
    {
        var asked = _channel.AskAsync(Load(), "a load", TestDeadline.Default, Cancel);
        var request = Assert.Single(await _peer.TakeAsync(1));

        _peer.Say(new StreamingMessage { RequestId = request.RequestId });
        _peer.Say(new StreamingMessage());
        _peer.Say(Loaded(request.RequestId, "right"));

        Assert.Equal("right", (await TestDeadline.Within(asked)).FunctionLoadResponse.FunctionId);
    }

    [Fact]
    public async Task Send_FromManyThreads_WritesOneAtATime()
    {
        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => _channel.SendAsync(new StreamingMessage { WorkerStatusRequest = new WorkerStatusRequest() }, Cancel), Cancel)));

        Assert.Equal(500, (await _peer.TakeAsync(500)).Count);
        Assert.Equal(1, _peer.MostWritersAtOnce);
    }

    [Fact]
    public async Task Reader_HandlerOfAnAnswerBlocks_GoesOn()
    {
        using var release = new ManualResetEventSlim();
        var blocked = Invoke("first").ContinueWith(
            _ => release.Wait(Cancel), Cancel, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var second = Invoke("second");
        await _peer.TakeAsync(2);

        _peer.Say(Done("first"));
        _peer.Say(Done("second"));

        Assert.Equal("second", (await TestDeadline.Within(second)).InvocationId);
        Assert.False(blocked.IsCompleted);
        release.Set();
        await TestDeadline.Within(blocked);
    }

    [Fact]
    public async Task Reader_LogSinkBlocks_GoesOn()
    {
        using var blocking = new BlockingLoggerFactory();
        await DisposeAsync();
        Open(blocking);
        var invoked = Invoke("first");
        await _peer.TakeAsync(1);

        for (var i = 0; i < 20_000; i++) _peer.Say(
            new StreamingMessage { RpcLog = new RpcLog { Message = "a log", Category = "App", Level = RpcLog.Types.Level.Warning } });
        _peer.Say(Done("first"));

        await TestDeadline.Within(invoked);
        blocking.Release();
    }

    [Fact]
    public async Task Invoke_Cancelled_TellsTheWorkerAndWaitsForHowItEnds()
    {
        _channel.TakesCancel = true;
        using var cancelled = new CancellationTokenSource();
        var invoked = _channel.InvokeAsync(new InvocationRequest { InvocationId = "first" }, cancelled.Token);
        await _peer.TakeAsync(1);

        await cancelled.CancelAsync();

        var cancel = Assert.Single(await _peer.TakeAsync(1));
        Assert.Equal("first", cancel.InvocationCancel.InvocationId);
        Assert.False(invoked.IsCompleted);
        _peer.Say(Done("first"));
        Assert.Equal("first", (await TestDeadline.Within(invoked)).InvocationId);
    }

    [Fact]
    public async Task Stream_Breaks_AllThatWaitsFailsAndWhatComesLaterWasNeverSent()
    {
        var (asked, invoked) = (_channel.AskAsync(Load(), "a load", TestDeadline.Default, Cancel), Invoke("first"));
        await _peer.TakeAsync(2);

        _peer.Break();

        Assert.False((await Assert.ThrowsAsync<WorkerException>(() => TestDeadline.Within(asked))).NeverSent);
        Assert.False((await Assert.ThrowsAsync<WorkerException>(() => TestDeadline.Within(invoked))).NeverSent);
        Assert.Equal(1, _channel.Lost);
        Assert.True((await Assert.ThrowsAsync<WorkerException>(() => Invoke("second"))).NeverSent);
    }

    [Fact]
    public async Task Invoke_SameIdTwice_IsRefused()
    {
        var first = Invoke("first");

        await Assert.ThrowsAsync<InvalidOperationException>(() => Invoke("first"));

        _peer.Say(Done("first"));
        await TestDeadline.Within(first);
    }

    private static StreamingMessage Load() => new() { FunctionLoadRequest = new FunctionLoadRequest() };

    private static StreamingMessage Loaded(string requestId, string functionId) =>
        new() { RequestId = requestId, FunctionLoadResponse = new FunctionLoadResponse { FunctionId = functionId } };

    private static StreamingMessage Done(string id) => new() { InvocationResponse = new InvocationResponse { InvocationId = id } };

    private Task<InvocationResponse> Invoke(string id) => _channel.InvokeAsync(new InvocationRequest { InvocationId = id }, Cancel);

    private void Open(ILoggerFactory loggers)
    {
        _logs = new WorkerLogs(loggers);
        _channel = new WorkerChannel("id", _logs, TimeProvider.System);
        _running = _channel.RunAsync(_peer, _peer, CancellationToken.None);
    }

    /// <summary>The other end, in memory.</summary>
    private sealed class Peer : IAsyncStreamReader<StreamingMessage>, IAsyncStreamWriter<StreamingMessage>
    {
        private readonly Channel<StreamingMessage> _said = Channel.CreateUnbounded<StreamingMessage>();
        private readonly Channel<StreamingMessage> _heard = Channel.CreateUnbounded<StreamingMessage>();
        private int _writers;

        public StreamingMessage Current { get; private set; } = new();

        public WriteOptions? WriteOptions { get; set; }

        public int MostWritersAtOnce { get; private set; }

        public void Say(StreamingMessage message) => _said.Writer.TryWrite(message);

        public void Break() => _said.Writer.TryComplete(new IOException("broken"));

        public async Task<IReadOnlyList<StreamingMessage>> TakeAsync(int count)
        {
            var taken = new List<StreamingMessage>();
            while (taken.Count < count) taken.Add(await TestDeadline.Within(_heard.Reader.ReadAsync(Cancel).AsTask()));
            return taken;
        }

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            Current = await _said.Reader.ReadAsync(cancellationToken);
            return true;
        }

        public async Task WriteAsync(StreamingMessage message)
        {
            MostWritersAtOnce = Math.Max(MostWritersAtOnce, Interlocked.Increment(ref _writers));
            await Task.Yield();
            await _heard.Writer.WriteAsync(message, Cancel);
            Interlocked.Decrement(ref _writers);
        }

        public Task WriteAsync(StreamingMessage message, CancellationToken cancellationToken) => WriteAsync(message);
    }

    private sealed class BlockingLoggerFactory : ILoggerFactory, ILogger
    {
        private readonly ManualResetEventSlim _released = new();

        public void Release() => _released.Set();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _released.Wait(Cancel);

        public void Dispose() => _released.Set();
    }
}

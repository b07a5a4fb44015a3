using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace Emulator.Conformance.ServiceBus;

public sealed class SessionProcessorTests : ServiceBusConformance
{
    private readonly ConcurrentQueue<ProcessErrorEventArgs> _errors = new();

    /// <summary>Every session is handled in order, each by one handler at a time, several at once.</summary>
    [Fact]
    public async Task Process_SeveralSessions_EachInOrder()
    {
        var sender = Sender(SessionQueue);
        for (var number = 0; number < 5; number++)
        {
            foreach (var session in "abcd")
            {
                await sender.SendMessageAsync(new ServiceBusMessage { MessageId = $"{session}{number}", SessionId = $"{session}" }, Cancel);
            }
        }

        var seen = new ConcurrentDictionary<string, ConcurrentQueue<string>>();
        var done = new CountdownEvent(20);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var processor = Processor(new ServiceBusSessionProcessorOptions { MaxConcurrentSessions = 4, SessionIdleTimeout = Briefly });
        processor.ProcessMessageAsync += args =>
        {
            seen.GetOrAdd(args.SessionId, _ => new ConcurrentQueue<string>()).Enqueue(args.Message.MessageId);
            if (done.Signal()) all.TrySetResult();
            return Task.CompletedTask;
        };

        await processor.StartProcessingAsync(Cancel);
        await all.Task.WaitAsync(Soon, TimeProvider.System, Cancel);
        await processor.StopProcessingAsync(Cancel);

        Assert.Empty(_errors);
        foreach (var session in "abcd")
        {
            Assert.Equal(Enumerable.Range(0, 5).Select(number => $"{session}{number}"), seen[$"{session}"]);
        }
    }

    /// <summary>
    /// A session begins and ends with the handlers for it; its state can be used there, and an idle one makes room for another.
    /// </summary>
    [Fact]
    public async Task Process_IdleSession_IsClosedAndTheNextIsTaken()
    {
        await SendAsync("a1", "a");
        await SendAsync("b1", "b");
        var events = new ConcurrentQueue<string>();
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var processor = Processor(new ServiceBusSessionProcessorOptions { MaxConcurrentSessions = 1, SessionIdleTimeout = Briefly });
        processor.SessionInitializingAsync += async args =>
        {
            events.Enqueue($"begin {args.SessionId}");
            await args.SetSessionStateAsync(new BinaryData("at work"), args.CancellationToken);
        };
        processor.ProcessMessageAsync += async args =>
        {
            events.Enqueue($"{args.Message.MessageId} {await args.GetSessionStateAsync(args.CancellationToken)}");
            if (args.SessionId == "b") both.TrySetResult();
        };
        processor.SessionClosingAsync += args =>
        {
            events.Enqueue($"end {args.SessionId}");
            return Task.CompletedTask;
        };

        await processor.StartProcessingAsync(Cancel);
        await both.Task.WaitAsync(Soon, TimeProvider.System, Cancel);
        await processor.StopProcessingAsync(Cancel);

        // What ends with the processor is closed without the handler being called.
        Assert.Equal(["begin a", "a1 at work", "end a", "begin b", "b1 at work"], events);
        Assert.Empty(_errors);
    }

    /// <summary>Sessions named in the options are the only ones taken.</summary>
    [Fact]
    public async Task Process_SessionIds_TakesThoseOnly()
    {
        await SendAsync("a1", "a");
        await SendAsync("b1", "b");
        var seen = new ConcurrentQueue<string>();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var processor = Processor(new ServiceBusSessionProcessorOptions { SessionIds = { "b" } });
        processor.ProcessMessageAsync += args =>
        {
            seen.Enqueue(args.Message.MessageId);
            first.TrySetResult();
            return Task.CompletedTask;
        };

        await processor.StartProcessingAsync(Cancel);
        await first.Task.WaitAsync(Soon, TimeProvider.System, Cancel);
        await processor.StopProcessingAsync(Cancel);

        Assert.Equal(["b1"], seen);
        Assert.Equal("a1", (await NextAsync(Own(await Client.AcceptSessionAsync(SessionQueue, "a", cancellationToken: Cancel)))).MessageId);
    }

    /// <summary>A handler that throws gives the message back; the session stays and the message comes again.</summary>
    [Fact]
    public async Task Process_HandlerThrows_MessageComesAgain()
    {
        await SendAsync("a1", "a");
        var counts = new ConcurrentQueue<int>();
        var twice = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var processor = Processor(new ServiceBusSessionProcessorOptions());
        processor.ProcessMessageAsync += args =>
        {
            counts.Enqueue(args.Message.DeliveryCount);
            if (counts.Count == 1) throw new InvalidOperationException("first");
            twice.TrySetResult();
            return Task.CompletedTask;
        };

        await processor.StartProcessingAsync(Cancel);
        await twice.Task.WaitAsync(Soon, TimeProvider.System, Cancel);
        await processor.StopProcessingAsync(Cancel);

        Assert.Equal([1, 2], counts);
        Assert.Equal(ServiceBusErrorSource.ProcessMessageCallback, Assert.Single(_errors).ErrorSource);
    }

    /// <summary>A handler can let its session go before it is idle.</summary>
    [Fact]
    public async Task Process_ReleaseSession_LetsItGo()
    {
        await SendAsync("a1", "a");
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var processor = Processor(new ServiceBusSessionProcessorOptions { SessionIdleTimeout = TimeSpan.FromMinutes(10) });
        processor.ProcessMessageAsync += args =>
        {
            args.ReleaseSession();
            return Task.CompletedTask;
        };
        processor.SessionClosingAsync += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };

        await processor.StartProcessingAsync(Cancel);
        await closed.Task.WaitAsync(Soon, TimeProvider.System, Cancel);
        await processor.StopProcessingAsync(Cancel);

        Assert.Empty(_errors);
    }

    private ServiceBusSessionProcessor Processor(ServiceBusSessionProcessorOptions options)
    {
        var processor = Own(Client.CreateSessionProcessor(SessionQueue, options));
        processor.ProcessErrorAsync += args =>
        {
            _errors.Enqueue(args);
            return Task.CompletedTask;
        };
        return processor;
    }

    private Task SendAsync(string id, string session) =>
        Sender(SessionQueue).SendMessageAsync(new ServiceBusMessage { MessageId = id, SessionId = session }, Cancel);
}

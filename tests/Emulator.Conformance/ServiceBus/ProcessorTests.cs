using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Relay.Testing;

namespace Emulator.Conformance.ServiceBus;

public sealed class ProcessorTests : ServiceBusConformance
{
    private readonly ConcurrentQueue<ProcessErrorEventArgs> _errors = new();

    /// <summary>AutoCompleteMessages: a message is completed when its handler returns.</summary>
    [Fact]
    public async Task Processor_HandlerReturns_CompletesTheMessage()
    {
        await SendAsync("a");
        var handled = new TaskCompletionSource<ServiceBusReceivedMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        var processor = Processor(new(), args => { handled.TrySetResult(args.Message); return Task.CompletedTask; });

        await processor.StartProcessingAsync(Cancel);
        var message = await TestDeadline.Within(handled.Task);
        await processor.StopProcessingAsync(Cancel);

        Assert.Equal("a", message.MessageId);
        Assert.Null(await Receiver().PeekMessageAsync(cancellationToken: Cancel));
        Assert.Empty(_errors);
    }

    /// <summary>Without AutoCompleteMessages a handler that returns leaves the message locked.</summary>
    [Fact]
    public async Task Processor_WithoutAutoComplete_LeavesTheMessageLocked()
    {
        await SendAsync("a");
        var handled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var processor = Processor(new() { AutoCompleteMessages = false }, _ => { handled.TrySetResult(); return Task.CompletedTask; });

        await processor.StartProcessingAsync(Cancel);
        await TestDeadline.Within(handled.Task);
        await processor.StopProcessingAsync(Cancel);

        await EmptyAsync(Receiver());
        Assert.Equal("a", (await Receiver().PeekMessageAsync(cancellationToken: Cancel)).MessageId);
    }

    /// <summary>A handler that throws: the error handler is told, the message abandoned and delivered again.</summary>
    [Fact]
    public async Task Processor_HandlerThrows_AbandonsAndReports()
    {
        await SendAsync("a");
        var again = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var processor = Processor(new(), args =>
        {
            if (args.Message.DeliveryCount == 1)
            {
                throw new InvalidDataException("first time");
            }

            again.TrySetResult(args.Message.DeliveryCount);
            return Task.CompletedTask;
        });

        await processor.StartProcessingAsync(Cancel);
        Assert.Equal(2, await TestDeadline.Within(again.Task));
        await processor.StopProcessingAsync(Cancel);

        var error = Assert.Single(_errors);
        Assert.IsType<InvalidDataException>(error.Exception);
        Assert.Equal((ServiceBusErrorSource.ProcessMessageCallback, Queue), (error.ErrorSource, error.EntityPath));
    }

    /// <summary>A message its handler settled is not settled again.</summary>
    [Fact]
    public async Task Processor_HandlerSettles_IsLeftAlone()
    {
        await SendAsync("a");
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var processor = Processor(new(), async args =>
        {
            await args.DeadLetterMessageAsync(args.Message, "reason", "description", Cancel);
            settled.TrySetResult();
        });

        await processor.StartProcessingAsync(Cancel);
        await TestDeadline.Within(settled.Task);
        await processor.StopProcessingAsync(Cancel);

        Assert.Equal("reason", (await NextAsync(DeadLetters())).DeadLetterReason);
        Assert.Empty(_errors);
    }

    /// <summary>MaxConcurrentCalls handlers run at once, and no more.</summary>
    [Fact]
    public async Task Processor_MaxConcurrentCalls_IsReachedAndNotExceeded()
    {
        const int Calls = 4;
        await Sender().SendMessagesAsync(
            Enumerable.Range(0, 12).Select(number => new ServiceBusMessage { MessageId = $"m{number}" }), Cancel);
        var gate = new ConcurrentGate(Calls);
        var processor = Processor(new() { MaxConcurrentCalls = Calls }, gate.HandleAsync);

        await processor.StartProcessingAsync(Cancel);
        await TestDeadline.Within(gate.Full);
        gate.Open();
        await TestDeadline.Until(() => gate.Handled == 12, "12 handled messages");
        await processor.StopProcessingAsync(Cancel);

        Assert.Equal(Calls, gate.Most);
        Assert.Empty(_errors);
    }

    /// <summary>UpdateConcurrency takes effect while running.</summary>
    [Fact]
    public async Task Processor_UpdateConcurrency_TakesEffectWhileRunning()
    {
        await Sender().SendMessagesAsync(
            Enumerable.Range(0, 3).Select(number => new ServiceBusMessage { MessageId = $"m{number}" }), Cancel);
        var gate = new ConcurrentGate(3);
        var processor = Processor(new() { MaxConcurrentCalls = 1 }, gate.HandleAsync);
        await processor.StartProcessingAsync(Cancel);
        await TestDeadline.Until(() => gate.Running == 1, "the first handler");

        processor.UpdateConcurrency(3);
        await TestDeadline.Within(gate.Full);
        processor.UpdateConcurrency(1);
        gate.Open();

        await TestDeadline.Until(() => gate.Handled == 3, "3 handled messages");
        await processor.StopProcessingAsync(Cancel);
        Assert.Equal(1, processor.MaxConcurrentCalls);
    }

    /// <summary>StopProcessing signals the handlers' token, waits for the handlers, and what they handled is completed.</summary>
    [Fact]
    public async Task StopProcessing_HandlerRunning_WaitsForIt()
    {
        await SendAsync("a");
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var signalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var processor = Processor(new(), async args =>
        {
            using var registration = args.CancellationToken.Register(() => signalled.TrySetResult());
            started.TrySetResult();
            await finish.Task;
        });
        await processor.StartProcessingAsync(Cancel);
        await TestDeadline.Within(started.Task);

        var stopping = processor.StopProcessingAsync(Cancel);
        await TestDeadline.Within(signalled.Task);
        Assert.False(stopping.IsCompleted);
        Assert.True(processor.IsProcessing);
        finish.TrySetResult();
        await TestDeadline.Within(stopping);

        Assert.False(processor.IsProcessing);
        Assert.Null(await Receiver().PeekMessageAsync(cancellationToken: Cancel));
    }

    /// <summary>A stopped processor can be started again.</summary>
    [Fact]
    public async Task StartProcessing_AfterStop_ProcessesOn()
    {
        var handled = new ConcurrentQueue<string>();
        var processor = Processor(new(), args => { handled.Enqueue(args.Message.MessageId); return Task.CompletedTask; });
        await processor.StartProcessingAsync(Cancel);
        await processor.StopProcessingAsync(Cancel);
        await SendAsync("a");

        await processor.StartProcessingAsync(Cancel);
        await TestDeadline.Until(() => !handled.IsEmpty, "the message");
        await processor.StopProcessingAsync(Cancel);

        Assert.Equal(["a"], handled);
    }

    /// <summary>Locks are renewed while a handler runs: it outlives the lock's first end.</summary>
    [Fact]
    public async Task Processor_HandlerOutlivesTheLock_IsRenewed()
    {
        var clock = Clock;
        await SendAsync("a");
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var renewed = new TaskCompletionSource<DateTimeOffset>(TaskCreationOptions.RunContinuationsAsynchronously);

        // The handler's clock and the namespace's differ, so that renewal is asked for here instead of by the timer.
        var processor = Processor(new() { MaxAutoLockRenewalDuration = TimeSpan.Zero }, async args =>
        {
            var first = args.Message.LockedUntil;
            clock.Advance(LockDuration / 2);
            await args.RenewMessageLockAsync(args.Message, Cancel);
            clock.Advance(LockDuration * 0.75);
            renewed.TrySetResult(first);
            await finish.Task;
        });
        await processor.StartProcessingAsync(Cancel);
        await TestDeadline.Within(renewed.Task);
        finish.TrySetResult();
        await processor.StopProcessingAsync(Cancel);

        Assert.Null(await Receiver().PeekMessageAsync(cancellationToken: Cancel));
        Assert.Empty(_errors);
    }

    /// <summary>Without handlers a processor does not start; each event takes one handler; handlers stay while it runs.</summary>
    [Fact]
    public async Task StartProcessing_Misused_Throws()
    {
        var bare = Own(Client.CreateProcessor(Queue));
        await Assert.ThrowsAsync<InvalidOperationException>(() => bare.StartProcessingAsync(Cancel));

        Func<ProcessMessageEventArgs, Task> handler = _ => Task.CompletedTask;
        var processor = Processor(new(), handler);
        Assert.Throws<NotSupportedException>(() => processor.ProcessMessageAsync += _ => Task.CompletedTask);
        await processor.StartProcessingAsync(Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => processor.StartProcessingAsync(Cancel));
        Assert.Throws<InvalidOperationException>(() => processor.ProcessMessageAsync -= handler);
    }

    /// <summary>An entity that is not there is reported to the error handler, again and again, and does not end the processor.</summary>
    [Fact]
    public async Task Processor_UnknownEntity_ReportsReceiveErrors()
    {
        var processor = Own(Client.CreateProcessor("no-such-entity"));
        processor.ProcessMessageAsync += _ => Task.CompletedTask;
        processor.ProcessErrorAsync += args => { _errors.Enqueue(args); return Task.CompletedTask; };

        await processor.StartProcessingAsync(Cancel);
        await TestDeadline.Until(() => !_errors.IsEmpty, "an error");
        Assert.True(processor.IsProcessing);
        await processor.StopProcessingAsync(Cancel);

        Assert.All(_errors, error =>
        {
            Assert.Equal(ServiceBusErrorSource.Receive, error.ErrorSource);
            Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, Assert.IsType<ServiceBusException>(error.Exception).Reason);
        });
    }

    /// <summary>A processor of a dead-letter queue sees what is in it.</summary>
    [Fact]
    public async Task Processor_OfDeadLetterQueue_ProcessesIt()
    {
        await SendAsync("a");
        var receiver = Receiver();
        await receiver.DeadLetterMessageAsync(await NextAsync(receiver), "reason", cancellationToken: Cancel);
        var handled = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var processor = Processor(
            new() { SubQueue = SubQueue.DeadLetter },
            args => { handled.TrySetResult(args.Message.DeadLetterReason); return Task.CompletedTask; });

        await processor.StartProcessingAsync(Cancel);

        Assert.Equal("reason", await TestDeadline.Within(handled.Task));
    }

    private ServiceBusProcessor Processor(ServiceBusProcessorOptions options, Func<ProcessMessageEventArgs, Task> handler)
    {
        var processor = Own(Client.CreateProcessor(Queue, options));
        processor.ProcessMessageAsync += handler;
        processor.ProcessErrorAsync += args => { _errors.Enqueue(args); return Task.CompletedTask; };
        return processor;
    }

    /// <summary>Holds handlers until opened and counts how many run at once.</summary>
    private sealed class ConcurrentGate(int full)
    {
        private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _gate = new();
        private int _running;
        private int _most;
        private int _handled;

        public Task Full => _full.Task;

        public int Running => Volatile.Read(ref _running);

        public int Most => Volatile.Read(ref _most);

        public int Handled => Volatile.Read(ref _handled);

        public void Open() => _open.TrySetResult();

        public async Task HandleAsync(ProcessMessageEventArgs args)
        {
            lock (_gate)
            {
                _running++;
                _most = Math.Max(_most, _running);
                if (_running == full)
                {
                    _full.TrySetResult();
                }
            }

            await _open.Task;
            lock (_gate)
            {
                _running--;
                _handled++;
            }
        }
    }
}

using Azure.Messaging.ServiceBus;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>The client library's two processors, which have no type in common.</summary>
internal interface IMessageProcessor
{
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Takes no more messages and waits for those being handled.</summary>
    Task StopAsync(CancellationToken cancellationToken);

    Task CloseAsync(CancellationToken cancellationToken);
}

/// <summary>Of an entity without sessions.</summary>
internal sealed class MessageProcessor : IMessageProcessor
{
    private readonly ServiceBusProcessor _processor;

    public MessageProcessor(ServiceBusProcessor processor, MessageRunner runner, ListenerErrors errors)
    {
        _processor = processor;
        processor.ProcessMessageAsync += args => runner.RunAsync(args.Message, new ProcessorSettler(args), session: null);
        processor.ProcessErrorAsync += errors.OnErrorAsync;
    }

    public Task StartAsync(CancellationToken cancellationToken) => _processor.StartProcessingAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _processor.StopProcessingAsync(cancellationToken);

    public Task CloseAsync(CancellationToken cancellationToken) => _processor.CloseAsync(cancellationToken);
}

/// <summary>Of an entity with sessions.</summary>
internal sealed class SessionMessageProcessor : IMessageProcessor
{
    private readonly ServiceBusSessionProcessor _processor;

    public SessionMessageProcessor(ServiceBusSessionProcessor processor, MessageRunner runner, ListenerErrors errors)
    {
        _processor = processor;
        processor.ProcessMessageAsync += args =>
        {
            var settler = new SessionProcessorSettler(args);
            return runner.RunAsync(args.Message, settler, settler);
        };
        processor.ProcessErrorAsync += errors.OnErrorAsync;
    }

    public Task StartAsync(CancellationToken cancellationToken) => _processor.StartProcessingAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _processor.StopProcessingAsync(cancellationToken);

    public Task CloseAsync(CancellationToken cancellationToken) => _processor.CloseAsync(cancellationToken);
}

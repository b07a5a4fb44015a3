#nullable disable annotations
namespace Azure.Messaging.ServiceBus;

/// <summary>What went wrong in a processor, and where.</summary>
public sealed class ProcessErrorEventArgs : EventArgs
{
    /// <inheritdoc cref="ProcessErrorEventArgs(Exception, ServiceBusErrorSource, string, string, string, CancellationToken)"/>
    public ProcessErrorEventArgs(Exception exception, ServiceBusErrorSource errorSource, string fullyQualifiedNamespace, string entityPath,
        CancellationToken cancellationToken)
        : this(exception, errorSource, fullyQualifiedNamespace, entityPath, null, cancellationToken)
    {
    }

    /// <summary>Describes a failure.</summary>
    public ProcessErrorEventArgs(Exception exception, ServiceBusErrorSource errorSource, string fullyQualifiedNamespace, string entityPath,
        string identifier, CancellationToken cancellationToken)
    {
        Exception = exception;
        ErrorSource = errorSource;
        FullyQualifiedNamespace = fullyQualifiedNamespace;
        EntityPath = entityPath;
        Identifier = identifier;
        CancellationToken = cancellationToken;
    }

    /// <summary>The failure.</summary>
    public Exception Exception { get; }

    /// <summary>What the processor was doing.</summary>
    public ServiceBusErrorSource ErrorSource { get; }

    /// <summary>Host of the namespace.</summary>
    public string FullyQualifiedNamespace { get; }

    /// <summary>Path of the entity.</summary>
    public string EntityPath { get; }

    /// <summary>Name of the processor.</summary>
    public string Identifier { get; }

    /// <summary>Signalled when the processor is being stopped.</summary>
    public CancellationToken CancellationToken { get; }
}

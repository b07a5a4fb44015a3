using System.Net.Sockets;
using System.Security.Authentication;
using Relay.Amqp.Client;
using Relay.Amqp.Framing;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Turns what the wire reports into the exceptions the official package throws.</summary>
internal static class ErrorMapping
{
    /// <summary>The exception an application sees; one that is none of the wire's is handed back as it is.</summary>
    /// <param name="exception">What an operation threw.</param>
    /// <param name="entityPath">Named in the exception; may be null.</param>
    public static Exception Translate(Exception exception, string? entityPath) => exception switch
    {
        AmqpException { InnerException: (IOException or SocketException) and { } lost } => Communication(lost, entityPath),
        AmqpException amqp => FromError(amqp.Error, entityPath, amqp),
        TimeoutException => new ServiceBusException(exception.Message, ServiceBusFailureReason.ServiceTimeout, entityPath, exception),
        SocketException or IOException => Communication(exception, entityPath),
        AuthenticationException => Communication(exception, entityPath),
        OperationCanceledException => new ServiceBusException("The connection was torn down under the operation.",
            ServiceBusFailureReason.ServiceCommunicationProblem, entityPath, exception),
        _ => exception,
    };

    /// <summary>The exception for an error a peer gave.</summary>
    /// <param name="error">The error; null counts as unknown.</param>
    /// <param name="entityPath">Named in the exception; may be null.</param>
    /// <param name="cause">Inner exception; may be null.</param>
    public static Exception FromError(AmqpError? error, string? entityPath, Exception? cause = null)
    {
        if (error is null)
        {
            return new ServiceBusException(true, "The service gave no reason.", entityPath, ServiceBusFailureReason.GeneralError, cause);
        }

        var condition = error.Condition.Value;
        var text = error.Description ?? condition;
        return condition switch
        {
            "amqp:not-implemented" => new NotSupportedException(text, cause),
            "amqp:not-allowed" => new InvalidOperationException(text, cause),
            "amqp:unauthorized-access" or ServiceBusCondition.AuthorizationFailed => new UnauthorizedAccessException(text, cause),
            ServiceBusCondition.ArgumentError => new ArgumentException(text, cause),
            ServiceBusCondition.ArgumentOutOfRange => new ArgumentOutOfRangeException(text, cause),
            _ => ReasonOf(condition) is { } reason
                ? new ServiceBusException(text, reason, entityPath, cause)
                : new ServiceBusException(true, text, entityPath, ServiceBusFailureReason.GeneralError, cause),
        };
    }

    /// <summary>The error behind a failed management response that names none.</summary>
    /// <param name="status">Its status code.</param>
    public static string ConditionOf(int status) => status switch
    {
        400 => "amqp:not-allowed",
        401 => "amqp:unauthorized-access",
        403 => "amqp:resource-limit-exceeded",
        404 => "amqp:not-found",
        408 => ServiceBusCondition.Timeout,
        409 => ServiceBusCondition.EntityAlreadyExists,
        410 => ServiceBusCondition.MessageLockLost,
        501 => "amqp:not-implemented",
        503 => ServiceBusCondition.ServerBusy,
        _ => "amqp:internal-error",
    };

    // Null for conditions that are general and transient.
    private static ServiceBusFailureReason? ReasonOf(string condition) => condition switch
    {
        ServiceBusCondition.Timeout => ServiceBusFailureReason.ServiceTimeout,
        "amqp:not-found" => ServiceBusFailureReason.MessagingEntityNotFound,
        ServiceBusCondition.MessageNotFound => ServiceBusFailureReason.MessageNotFound,
        ServiceBusCondition.ServerBusy => ServiceBusFailureReason.ServiceBusy,
        ServiceBusCondition.EntityDisabled => ServiceBusFailureReason.MessagingEntityDisabled,
        ServiceBusCondition.EntityAlreadyExists => ServiceBusFailureReason.MessagingEntityAlreadyExists,
        ServiceBusCondition.MessageLockLost => ServiceBusFailureReason.MessageLockLost,
        ServiceBusCondition.SessionLockLost => ServiceBusFailureReason.SessionLockLost,
        ServiceBusCondition.SessionCannotBeLocked => ServiceBusFailureReason.SessionCannotBeLocked,
        "amqp:resource-limit-exceeded" => ServiceBusFailureReason.QuotaExceeded,
        "amqp:link:message-size-exceeded" => ServiceBusFailureReason.MessageSizeExceeded,
        _ => null,
    };

    private static ServiceBusException Communication(Exception exception, string? entityPath) =>
        new(exception.Message, ServiceBusFailureReason.ServiceCommunicationProblem, entityPath, exception);
}

using System.Net.Sockets;
using Azure.Messaging.ServiceBus.Wire;
using Relay.Amqp.Client;
using Relay.Amqp.Framing;

namespace Azure.Messaging.ServiceBus.Tests.Wire;

public sealed class ErrorMappingTests
{
    [Theory]
    [InlineData("com.microsoft:timeout", ServiceBusFailureReason.ServiceTimeout, true)]
    [InlineData("amqp:not-found", ServiceBusFailureReason.MessagingEntityNotFound, false)]
    [InlineData("com.microsoft:message-not-found", ServiceBusFailureReason.MessageNotFound, false)]
    [InlineData("com.microsoft:server-busy", ServiceBusFailureReason.ServiceBusy, true)]
    [InlineData("com.microsoft:entity-disabled", ServiceBusFailureReason.MessagingEntityDisabled, false)]
    [InlineData("com.microsoft:entity-already-exists", ServiceBusFailureReason.MessagingEntityAlreadyExists, false)]
    [InlineData("com.microsoft:message-lock-lost", ServiceBusFailureReason.MessageLockLost, false)]
    [InlineData("com.microsoft:session-lock-lost", ServiceBusFailureReason.SessionLockLost, false)]
    [InlineData("com.microsoft:session-cannot-be-locked", ServiceBusFailureReason.SessionCannotBeLocked, false)]
    [InlineData("amqp:resource-limit-exceeded", ServiceBusFailureReason.QuotaExceeded, false)]
    [InlineData("amqp:link:message-size-exceeded", ServiceBusFailureReason.MessageSizeExceeded, false)]
    [InlineData("amqp:link:detach-forced", ServiceBusFailureReason.GeneralError, true)]
    [InlineData("amqp:connection:forced", ServiceBusFailureReason.GeneralError, true)]
    [InlineData("amqp:internal-error", ServiceBusFailureReason.GeneralError, true)]
    [InlineData("amqp:link:transfer-limit-exceeded", ServiceBusFailureReason.GeneralError, true)]
    [InlineData("vendor:unheard-of", ServiceBusFailureReason.GeneralError, true)]
    public void FromError_Condition_GivesReasonAndTransience(string condition, ServiceBusFailureReason reason, bool transient)
    {
        var exception = Assert.IsType<ServiceBusException>(ErrorMapping.FromError(new AmqpError(condition, "text"), "q1"));

        Assert.Equal(reason, exception.Reason);
        Assert.Equal(transient, exception.IsTransient);
        Assert.Equal("q1", exception.EntityPath);
        Assert.Equal($"text ({reason} - q1)", exception.Message);
    }

    [Theory]
    [InlineData("amqp:not-implemented", typeof(NotSupportedException))]
    [InlineData("amqp:not-allowed", typeof(InvalidOperationException))]
    [InlineData("amqp:unauthorized-access", typeof(UnauthorizedAccessException))]
    [InlineData("com.microsoft:auth-failed", typeof(UnauthorizedAccessException))]
    [InlineData("com.microsoft:argument-error", typeof(ArgumentException))]
    [InlineData("com.microsoft:argument-out-of-range", typeof(ArgumentOutOfRangeException))]
    public void FromError_Condition_GivesFrameworkException(string condition, Type type) =>
        Assert.IsType(type, ErrorMapping.FromError(new AmqpError(condition, "text"), "q1"));

    [Fact]
    public void Translate_TransportFailures_AreTransientCommunicationProblems()
    {
        Exception[] failures =
        [
            new SocketException((int)SocketError.ConnectionRefused),
            new IOException("cut"),
            new AmqpException(new AmqpError(AmqpCondition.ConnectionForced), new IOException("cut")),
        ];
        Assert.All(failures, failure =>
        {
            var exception = Assert.IsType<ServiceBusException>(ErrorMapping.Translate(failure, "q1"));
            Assert.Equal(ServiceBusFailureReason.ServiceCommunicationProblem, exception.Reason);
            Assert.True(exception.IsTransient);
        });
    }

    [Fact]
    public void Translate_Timeout_IsTransientServiceTimeout()
    {
        var exception = Assert.IsType<ServiceBusException>(ErrorMapping.Translate(new TimeoutException("late"), null));

        Assert.Equal(ServiceBusFailureReason.ServiceTimeout, exception.Reason);
        Assert.True(exception.IsTransient);
    }

    [Theory]
    [InlineData(400, "amqp:not-allowed")]
    [InlineData(401, "amqp:unauthorized-access")]
    [InlineData(403, "amqp:resource-limit-exceeded")]
    [InlineData(404, "amqp:not-found")]
    [InlineData(408, "com.microsoft:timeout")]
    [InlineData(409, "com.microsoft:entity-already-exists")]
    [InlineData(410, "com.microsoft:message-lock-lost")]
    [InlineData(500, "amqp:internal-error")]
    [InlineData(501, "amqp:not-implemented")]
    [InlineData(503, "com.microsoft:server-busy")]
    public void ConditionOf_Status_IsInferred(int status, string condition) => Assert.Equal(condition, ErrorMapping.ConditionOf(status));
}

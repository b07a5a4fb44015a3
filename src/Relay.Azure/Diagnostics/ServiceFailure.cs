using System.Net.Http;
using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Azure.Messaging.ServiceBus;

namespace Relay.Azure.Diagnostics;

/// <summary>Which exceptions of the Azure clients mean that a service cannot be read now.</summary>
internal static class ServiceFailure
{
    /// <summary>
    /// True for refusals of the service, connections that fail, tokens that cannot be had, and a client that gave up waiting on its own; an
    /// <see cref="OperationCanceledException"/> of ours is for the caller to tell.
    /// </summary>
    public static bool Is(Exception exception) => exception is
        RequestFailedException
            or HttpRequestException
            or IOException
            or AuthenticationFailedException
            or AggregateException { InnerExceptions: [RequestFailedException or HttpRequestException or IOException, ..] };

    /// <summary>The same of the Service Bus client, which has exceptions of its own and lets those of its connection through.</summary>
    public static bool IsOfBus(Exception exception) => exception is
        ServiceBusException
            or UnauthorizedAccessException
            or AuthenticationFailedException
            or SocketException
            or IOException
            or TimeoutException;
}

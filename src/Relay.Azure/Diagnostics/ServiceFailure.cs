using System.Net.Http;
using Azure;
using Azure.Identity;

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
}

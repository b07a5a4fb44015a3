using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Authentication;
using Azure;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Emulator.FunctionsHost;
using Relay.Client.Ledger;
using Relay.Client.Mediators;
using Relay.Client.Prekeys;
using Relay.Core.Ledger.Store;
using Relay.Core.Rulings;
using Relay.DeadLetters;

namespace Relay.Cli;

/// <summary>What an exception means to who typed the command: what went wrong, and what to do about it.</summary>
internal static class Explanation
{
    private const string StartStack = "For a local stack: relay up, or --state of the one that runs.";

    // Times of an envelope that only a clock can make wrong which is off, or that has long passed.
    private static readonly string[] ReasonsOfTime = [ReasonCodes.Expired, ReasonCodes.NotYetIssued];

    /// <param name="exception">What a command ended with.</param>
    /// <param name="time">The clock whose time is told where times do not fit.</param>
    public static (string Message, string Fix) Of(Exception exception, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var cause = Unwrap(exception);
        return cause is CliFault fault ? (fault.Message, fault.Fix)
            : cause is OperatorLogBusyException ? (
                "Somebody else acts on dead letters at this moment: the log has an entry that was not there before.",
                "Let them end, then run this again: it goes on from where both have come to.")
            : IsAboutTime(cause) ? (
                FirstLine(cause),
                $"Is the clock of this machine right? It says {time.GetUtcNow().ToString("u", CultureInfo.InvariantCulture)}.")
            : OfService(cause)
                ?? OfMachine(cause)
                ?? (
                    $"{cause.GetType().Name}: {cause.Message}",
                    "This is a defect of relay: please report it with the command that you typed.");
    }

    // Where client libraries try again they throw all that they met together; the last is what is so now.
    private static Exception Unwrap(Exception exception) => exception switch
    {
        AggregateException aggregate when aggregate.Flatten().InnerExceptions is [.., var last] => Unwrap(last),
        TargetInvocationException { InnerException: { } inner } => Unwrap(inner),
        _ => exception,
    };

    private static (string Message, string Fix)? OfService(Exception exception) => exception switch
    {
        ServiceBusException { Reason: ServiceBusFailureReason.MessagingEntityNotFound } fault => (
            FirstLine(fault), "Check the name, and that the namespace is the right one."),
        ServiceBusException
        {
            Reason: ServiceBusFailureReason.ServiceCommunicationProblem or ServiceBusFailureReason.ServiceTimeout,
        } fault =>
            (FirstLine(fault), $"Is the Service Bus reachable? {StartStack}"),
        ServiceBusException fault => (
            FirstLine(fault), fault.IsTransient ? "Trying again may help." : "Check what --service-bus names, and what it allows."),
        RequestFailedException { Status: 0 } fault => OfTransport(fault),
        RequestFailedException { Status: 401 or 403 } fault =>
            (
                $"The service answered {Status(fault)}. {FirstLine(fault)}",
                "Sign in with 'az login' as somebody who may do this, or pass --state of a running local stack."),
        RequestFailedException { ErrorCode: "KeyNotFound" } fault => (
            FirstLine(fault),
            "Is the name right, and the vault? 'relay keys list' has those that are there, and 'relay keys create' makes one."),
        RequestFailedException { ErrorCode: "ContainerNotFound" } fault => (
            FirstLine(fault), "Is the name right? Make the container first: it holds the documents of every negotiation."),
        RequestFailedException fault => (
            $"The service answered {Status(fault)}: {FirstLine(fault)}",
            "Is the address that of the right service, and what it was asked for there?"),
        LedgerLogException fault => (fault.Message, "Is it the right relay, and does the negotiation's document name your certificate?"),
        EnvelopeRefusedException { RetryAfter: { } wait } fault => (
            fault.Message, string.Create(CultureInfo.InvariantCulture, $"Try again in {wait.TotalSeconds:0} s.")),
        EnvelopeRefusedException { Reason: ReasonCodes.NotProved } fault => (
            fault.Message, "'relay verify envelope FILE' tells what can be told here; what it finds well, submit again later."),
        EnvelopeRefusedException fault => (fault.Message, "Make another with 'relay sign' that keeps to it."),
        HttpRequestException fault => OfTransport(fault),
        AuthenticationFailedException fault => (FirstLine(fault), "Sign in with 'az login', or pass --state of a running local stack."),
        _ => null,
    };

    // The address is in the message, since one name for every service would be wrong for some.
    private static (string Message, string Fix) OfTransport(Exception exception)
    {
        var reason = Chain(exception).LastOrDefault(static e => e is HttpRequestException or SocketException or AuthenticationException)
            ?? exception;
        return Chain(exception).Any(static e => e is AuthenticationException)
            ? (
                $"The certificate at that address is not the one to expect: {FirstLine(reason)}",
                "Name the address of the right service; for a local stack pass --state of that stack, whose certificate is kept there.")
            : (
                FirstLine(Chain(exception).OfType<HttpRequestException>().LastOrDefault() ?? reason),
                $"Is the service at that address reachable? {StartStack}");
    }

    private static (string Message, string Fix)? OfMachine(Exception exception) => exception switch
    {
        FunctionAppException fault =>
            (fault.Message, "Is this machine very busy? Try again; 'relay up --verbose' says what each part does."),
        LedgerStoreException fault => (fault.Message, "Is it the right folder or container, and may you read it?"),
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
            or IOException { InnerException: { InnerException: SocketException } or SocketException } =>
            (
                FirstLine(exception),
                "Another program has that port: choose others with --amqp-port, --admin-port, --vault-port, --http-port, "
                    + "--https-port (0 takes a free one)."),
        SocketException fault => (FirstLine(fault), $"Is the service at that address reachable? {StartStack}"),
        UnauthorizedAccessException fault when fault.InnerException is IOException
            || fault.Message.StartsWith("Access to the path", StringComparison.Ordinal) =>
            (
                fault.Message,
                "Name a place that you may write to, or give yourself the right (--state names the folder of the local stack)."),
        // What the Service Bus client throws for a key or a login that may not do this.
        UnauthorizedAccessException fault => (FirstLine(fault), "Is the key or the login the right one, and may it do this?"),
        IOException fault => (
            fault.Message,
            "Is the path right, and is there room and the right to write there? (--state names the folder of the local stack.)"),
        // Their messages end with what to do.
        InvalidDataException or PrekeyStoreException => (Capital(exception.Message), ""),
        TimeoutException or OperationCanceledException => (
            FirstLine(exception), $"The service at that address does not answer: is it the right one, and does it run? {StartStack}"),
        _ => null,
    };

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    private static bool IsAboutTime(Exception exception) => exception switch
    {
        EnvelopeRefusedException fault => ReasonsOfTime.Contains(fault.Reason),
        RequestFailedException { Status: 401 } or UnauthorizedAccessException or ServiceBusException => SpeaksOfTime(exception.Message),
        RequestFailedException { Status: 0 } or HttpRequestException => Chain(exception).Any(
            static e => e.Message.Contains("NotTimeValid", StringComparison.Ordinal)),
        _ => false,
    };

    private static bool SpeaksOfTime(string message) =>
        message.Contains("token", StringComparison.OrdinalIgnoreCase)
        && (
            message.Contains("expired", StringComparison.OrdinalIgnoreCase)
                || message.Contains("not yet valid", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (Exception? current = exception; current is not null; current = current.InnerException) yield return current;
    }

    private static string Status(RequestFailedException fault) =>
        $"{fault.Status.ToString(CultureInfo.InvariantCulture)} {fault.ErrorCode}".TrimEnd();

    // What follows is for those who build the client: headers, tracking ids, links.
    private static string FirstLine(Exception exception) =>
        exception.Message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries) is [var first, ..]
            ? first.Split(" ErrorCode: ")[0].Split(" See the troubleshooting guide")[0]
            : exception.GetType().Name;
}

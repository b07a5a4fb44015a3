using System.CommandLine;
using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Relay.Cli.Commands;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Client.Ledger;
using Relay.Client.Mediators;
using Relay.Core.Ledger.Store;
using Spectre.Console;

namespace Relay.Cli;

/// <summary>The <c>relay</c> command: its subcommands, and the one place where their exceptions become a line and an exit code.</summary>
internal static class RelayCommand
{
    private const int Failed = 1;

    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken)
    {
        var parsed = Create(terminal).Parse(args);
        if (ParseFaults.Of(parsed) is { } fault) return Fail(terminal, fault);
        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            // A running stack hands back what it holds before it goes.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
            Output = terminal.Out.Profile.Out.Writer,
            Error = terminal.Notes.Profile.Out.Writer,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (OperationCanceledException exception) when (exception.InnerException is not TimeoutException)
        {
            return Failed;
        }
        catch (Exception exception)
        {
            return Fail(terminal, exception);
        }
    }

    internal static RootCommand Create(Terminal terminal)
    {
        var root = CreateCommands(terminal);
        ParseFaults.RefuseEmptyValues(root, "--text");
        return root;
    }

    private static int Fail(Terminal terminal, Exception exception)
    {
        var (message, fix) = Explain(exception);
        terminal.Notes.Say($"[red]error:[/] {OneLine(message)} {OneLine(fix)}");
        return Failed;
    }

    // Some libraries end their messages with an empty line or a list.
    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static RootCommand CreateCommands(Terminal terminal) => new("Relay: end-to-end-encrypted envelopes between delegations, through mediators.")
    {
        UpCommand.Create(terminal),
        DemoCommand.Create(terminal),
        KeysCommand.Create(terminal),
        DirectoryCommand.Create(terminal),
        SignCommand.Create(terminal),
        SubmitCommand.Create(terminal),
        StatusCommand.Create(terminal),
        ListenCommand.Create(terminal),
        VerifyCommand.Create(terminal),
        AuditCommand.Create(terminal),
        TopologyCommand.Create(terminal),
        CheckCommand.Create(terminal),
        BenchCommand.Create(terminal),
    };

    private static (string Message, string Fix) Explain(Exception exception) => exception switch
    {
        CliFault fault => (fault.Message, fault.Fix),
        LedgerStoreException fault => (fault.Message, "Is it the right folder or container, and may you read it?"),
        ServiceBusException { Reason: ServiceBusFailureReason.MessagingEntityNotFound } fault =>
            (fault.Message, "Check the name, and that the namespace is the right one."),
        ServiceBusException { Reason: ServiceBusFailureReason.ServiceCommunicationProblem } fault =>
            (fault.Message, "Is the Service Bus reachable? For a local stack: relay up."),
        ServiceBusException fault => (fault.Message, fault.IsTransient ? "Trying again may help." : ""),
        // What the client libraries throw when each of their tries met a closed port.
        AggregateException fault when fault.GetBaseException() is SocketException or HttpRequestException or RequestFailedException { Status: 0 } =>
            (fault.GetBaseException().Message, "Is the Key Vault reachable? For a local stack: relay up. (relay check needs no vault with --key.)"),
        RequestFailedException { Status: 0 } fault => (fault.Message, "Is the Key Vault reachable? For a local stack: relay up."),
        RequestFailedException fault => ($"The service answered {fault.Status} {fault.ErrorCode}.", fault.Message.Split('\n')[0]),
        LedgerLogException fault => (fault.Message, ""),
        EnvelopeRefusedException fault => (fault.Message, fault.RetryAfter is { } wait ? $"Try again in {wait.TotalSeconds:0} s." : ""),
        HttpRequestException fault => (fault.Message, "Is the function app reachable? For a local stack: relay up."),
        AuthenticationFailedException fault => (fault.Message.Split('\n')[0], "Sign in with 'az login', or pass --state of a running local stack."),
        IOException fault when fault.GetBaseException() is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } =>
            (fault.Message, "Another program has that port: choose others with --amqp-port, --admin-port, --vault-port, --http-port, --https-port (0 takes a free one)."),
        // How an HttpClient says that its own patience is over.
        OperationCanceledException { InnerException: TimeoutException } fault => (fault.Message, "Is the service reachable? Trying again may help."),
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } fault =>
            (fault.Message, "Another program has that port: choose others with --amqp-port, --admin-port, --vault-port, --http-port, --https-port (0 takes a free one)."),
        _ => ($"{exception.GetType().Name}: {exception.Message}", "This is a defect of relay if the input was right."),
    };
}

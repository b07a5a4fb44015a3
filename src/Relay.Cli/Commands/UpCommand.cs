using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Cli.Watching;
using Relay.Local;
using Relay.Local.Chaos;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay up</c>: the local stack, until Ctrl-C.</summary>
internal static class UpCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ports = new StackPorts();
        var verbose = new Option<bool>("--verbose") { Description = "Log what each part does." };
        var quiet = new Option<bool>("--quiet") { Description = "Do not print what passes." };
        var hybrid = new Option<bool>("--hybrid")
        {
            Description = "In a new folder, make the delegations' encryption keys of ML-KEM-768 beside P-256, a draft: closed to a "
                + "quantum computer too. Their prekeys are of the same kind.",
        };
        var chaos = new Option<ChaosWord[]>("--chaos")
        {
            Arity = ArgumentArity.ZeroOrMore,
            AllowMultipleArgumentsPerToken = true,
            CustomParser = ChaosWords.Read,
            Description = "Let the stack be disturbed by 'relay chaos', and from the start by these words, such as vault=slow:2s.",
            HelpName = "words",
        };
        var command = new Command(
            "up", "Run the whole relay on this machine until Ctrl-C: Service Bus, Key Vault and the function app, on loopback.")
        {
            target.State, hybrid, chaos, quiet, verbose,
        };
        ports.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var state = target.StateFolder(parsed);
            using var only = TakeFolder(state);
            ports.Check(parsed, state);
            WarnOfDocuments(terminal, state);
            var options = new LocalStackOptions
            {
                StateFolder = state,
                AmqpPort = parsed.GetRequiredValue(ports.Amqp),
                AdminPort = parsed.GetRequiredValue(ports.Admin),
                VaultPort = ports.VaultAsked(parsed),
                HttpPort = parsed.GetRequiredValue(ports.Http),
                HttpsPort = parsed.GetRequiredValue(ports.Https),
                CanBeDisturbed = parsed.GetResult(chaos) is { Implicit: false },
                TimeProvider = terminal.Time,
                EncryptionKind = parsed.GetValue(hybrid) ? JwkKind.MlKem768P256 : JwkKind.P256,
                Logging = logging => logging.SetMinimumLevel(
                    parsed.GetValue(verbose) ? LogLevel.Debug : LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true),
            };
            CheckKeys(options);
            var progress = new SynchronousProgress<string>(line => terminal.Notes.Say($"[green]✓[/] {line}"));
            await using var stack = await LocalStack.StartAsync(options, progress, cancellationToken);
            foreach (var word in parsed.GetValue(chaos) ?? []) stack.Chaos?.Apply(word);
            Print(terminal, options, stack.Endpoints);
            if (stack.Chaos is { } disturbed) terminal.Out.Say($"Disturbed: {string.Join(' ', disturbed.Words)}");
            await WaitForEndAsync(terminal, stack, state, parsed.GetValue(quiet), cancellationToken);
            terminal.Notes.Say($"Stopping.");
            return 0;
        });
        return command;
    }

    private static void Print(Terminal terminal, LocalStackOptions options, LocalEndpoints endpoints)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false }.AddColumns("", "");
        table.Columns[1].NoWrap();
        table.AddRow("Service Bus", ForeignText.Cell(endpoints.ServiceBus));
        table.AddRow("  administration", ForeignText.Cell($"{endpoints.ServiceBusAdmin}"));
        table.AddRow("  status page", ForeignText.Cell($"{endpoints.ServiceBusStatus}"));
        table.AddRow("Key Vault", ForeignText.Cell($"{endpoints.Vault} (certificate {endpoints.VaultCertificate})"));
        table.AddRow("HTTP", ForeignText.Cell($"{new Uri(endpoints.Http, "api/envelopes")}"));
        table.AddRow(
            "HTTPS", ForeignText.Cell($"{new Uri(endpoints.Https, "api/negotiations")} (certificate {endpoints.HttpsCertificate})"));
        table.AddRow("Dashboard", ForeignText.Cell($"{new Uri(endpoints.Https, $"api/dashboard#negotiation={options.Negotiation}")}"));
        if (endpoints.Chaos is { } chaos) table.AddRow("Chaos", ForeignText.Cell($"{chaos} (GET, PUT; or 'relay chaos')"));
        table.AddRow("State", ForeignText.Cell(options.StateFolder));
        terminal.Out.Write(table);
        terminal.Out.WriteLine();
        terminal.Out.Say($"The relay is up. In another shell, in this folder:");
        var state = options.StateFolder;
        string[][] commands =
        [
            ["listen", "iran"], ["sign", "--from", "us", "--to", "iran", "--text", "Good morning", "--out", "envelope.json"],
            ["submit", "envelope.json"], ["status", "us"], ["audit", "iran"], ["top", "iran"],
        ];
        foreach (var words in commands) terminal.Out.Say($"  {PastedCommand.Of(state, words)}");
        var certificate = ShellWord.Of(LocalCertificates.ClientPath(state, "iran"));
        var checkpoint = new Uri(endpoints.Https, $"api/negotiations/{options.Negotiation}/checkpoint");
        terminal.Out.Say($"  curl --cacert {ShellWord.Of(endpoints.HttpsCertificate)} --cert {certificate} {checkpoint}");
        terminal.Out.Say($"Ctrl-C stops it.");
    }

    /// <exception cref="CliFault">A stack runs on it.</exception>
    private static ProcessLock TakeFolder(string state)
    {
        Directory.CreateDirectory(state);
        if (ProcessLock.TryTake(Path.Combine(state, "up.lock"), out var taken, out var holder)) return taken;
        var process = holder is { } number ? $" (process {number.ToString(CultureInfo.InvariantCulture)})" : "";
        throw new CliFault(
            $"A local stack runs on {state} already{process}.",
            "Use it as it is, stop it with Ctrl-C in its shell, or name another folder with --state.");
    }

    // A key that is there stays, and the document names it: asked for hybrid ones, nobody is left to believe that the old are.
    private static void CheckKeys(LocalStackOptions options)
    {
        if (options.EncryptionKind == JwkKind.P256) return;
        foreach (var name in options.Topology.Delegations)
        {
            if (!LocalDelegation.Exists(options.StateFolder, name)) continue;
            using var keys = LocalDelegation.LoadOrCreate(options.StateFolder, name);
            if (keys.Encryption.Public.Kind == options.EncryptionKind) continue;
            throw new CliFault(
                $"{name}'s encryption key in {options.StateFolder} is there already, and is on P-256.",
                "Leave --hybrid out to go on with it, or name a new folder with --state. Prekeys alone change their kind with "
                    + $"'relay prekeys publish {name} --hybrid'.");
        }
    }

    // The relay goes on with the documents that are valid, so this is no reason not to start.
    private static void WarnOfDocuments(Terminal terminal, string state)
    {
        var folder = LocalDirectory.Folder(state);
        if (!Directory.Exists(folder)) return;
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            if (NegotiationDocument.TryParse(File.ReadAllBytes(path), out _, out var errors)) continue;
            var wrong = string.Join(" ", errors);
            const string Until = "Nothing of that negotiation passes until you mend the file or delete it.";
            terminal.Notes.Say($"[yellow]warning:[/] {path} is not a valid negotiation document: {wrong} {Until}");
        }
    }

    private static async Task WaitForEndAsync(
        Terminal terminal, LocalStack stack, string state, bool isQuiet, CancellationToken cancellationToken)
    {
        try
        {
            if (isQuiet) await Task.Delay(Timeout.InfiniteTimeSpan, terminal.Time, cancellationToken);
            // Whoever stops reading the output keeps the feed waiting and not the end of the stack.
            else await new PassingFeed(terminal, stack.Endpoints, state).RunAsync(cancellationToken).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how this command ends.
        }
    }
}

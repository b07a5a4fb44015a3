using System.CommandLine;
using Microsoft.Extensions.Logging;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Emulator.ServiceBus;
using Relay.Local;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay up</c>: the local stack, until Ctrl-C.</summary>
internal static class UpCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var amqpPort = Port("--amqp-port", "Service Bus emulator (AMQP)", 5672);
        var adminPort = Port("--admin-port", "Service Bus emulator's administration and status page", ServiceBusEmulator.DefaultAdminPort);
        var vaultPort = Port("--vault-port", "Key Vault emulator (HTTPS)", VaultPort.Default);
        var httpPort = Port("--http-port", "function app (HTTP)", 7071);
        var httpsPort = Port("--https-port", "function app (HTTPS, for callers with a client certificate)", 7443);
        var verbose = new Option<bool>("--verbose") { Description = "Log what each part does." };
        var command = new Command("up", "Run the whole relay on this machine until Ctrl-C: Service Bus, Key Vault and the function app, on loopback.")
        {
            target.State, amqpPort, adminPort, vaultPort, httpPort, httpsPort, verbose,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // Asked for, and not only what stands there by itself: the folder's own port goes before the usual one.
            var vault = parsed.GetResult(vaultPort) is { Implicit: false } ? parsed.GetRequiredValue(vaultPort) : (int?)null;
            CheckVaultPort(target.StateFolder(parsed), vault);
            var options = new LocalStackOptions
            {
                StateFolder = target.StateFolder(parsed),
                HostJsonPath = Path.Combine(AppContext.BaseDirectory, "host.json"),
                AmqpPort = parsed.GetRequiredValue(amqpPort),
                AdminPort = parsed.GetRequiredValue(adminPort),
                VaultPort = vault,
                HttpPort = parsed.GetRequiredValue(httpPort),
                HttpsPort = parsed.GetRequiredValue(httpsPort),
                TimeProvider = terminal.Time,
                Logging = logging => logging.SetMinimumLevel(parsed.GetValue(verbose) ? LogLevel.Debug : LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true),
            };
            var progress = new SynchronousProgress(line => terminal.Notes.Say($"[green]✓[/] {line}"));
            await using var stack = await LocalStack.StartAsync(options, progress, cancellationToken);
            Print(terminal, options, stack.Endpoints);
            await WaitForEndAsync(terminal.Time, cancellationToken);
            terminal.Notes.Say($"Stopping.");
            return 0;
        });
        return command;
    }

    private static void CheckVaultPort(string state, int? asked)
    {
        try
        {
            if (VaultPort.FindKept(state) is not { } kept || asked is null or 0 || asked == kept) return;
            throw new CliFault(
                $"The vault of {state} is at port {kept}: its documents, envelopes and ledger name their keys by that address, and at {asked} none of them would be known.",
                $"Leave --vault-port out (or free port {kept}, if another program has it), or begin a new state folder with --state.");
        }
        catch (InvalidDataException exception)
        {
            throw new CliFault(exception.Message, "", exception);
        }
    }

    private static Option<int> Port(string name, string what, int port) => new(name)
    {
        CustomParser = OptionValues.Number(0, ushort.MaxValue),
        Description = $"Port of the {what}; 0 takes a free one.",
        HelpName = "port",
        DefaultValueFactory = _ => port,
    };

    private static void Print(Terminal terminal, LocalStackOptions options, LocalEndpoints endpoints)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = false }.AddColumns("", "");
        table.Columns[1].NoWrap();
        table.AddRow("Service Bus", ForeignText.Cell(endpoints.ServiceBus));
        table.AddRow("  administration", ForeignText.Cell($"{endpoints.ServiceBusAdmin}"));
        table.AddRow("  status page", ForeignText.Cell($"{endpoints.ServiceBusStatus}"));
        table.AddRow("Key Vault", ForeignText.Cell($"{endpoints.Vault} (certificate {endpoints.VaultCertificate})"));
        table.AddRow("HTTP", ForeignText.Cell($"{new Uri(endpoints.Http, "api/envelopes")}"));
        table.AddRow("HTTPS", ForeignText.Cell($"{new Uri(endpoints.Https, "api/negotiations")} (certificate {endpoints.HttpsCertificate})"));
        table.AddRow("State", ForeignText.Cell(options.StateFolder));
        terminal.Out.Write(table);
        terminal.Out.WriteLine();
        terminal.Out.Say($"The relay is up. In another shell, in this folder:");
        terminal.Out.Say($"  dotnet run --project src/Relay.Cli -- listen iran");
        terminal.Out.Say($"  dotnet run --project src/Relay.Cli -- sign --from us --to iran --text \"Good morning\" --out envelope.json");
        terminal.Out.Say($"  dotnet run --project src/Relay.Cli -- submit envelope.json");
        terminal.Out.Say($"  dotnet run --project src/Relay.Cli -- audit iran");
        terminal.Out.Say($"  curl --cacert {endpoints.HttpsCertificate} --cert {LocalCertificates.ClientPath(options.StateFolder, "iran")} https://localhost:{endpoints.Https.Port}/api/negotiations/{options.Negotiation}/checkpoint");
        terminal.Out.Say($"Ctrl-C stops it.");
    }

    private static async Task WaitForEndAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how this command ends.
        }
    }
}

/// <summary>Reports on the caller's thread, in order: <see cref="Progress{T}"/> would post to the pool and print out of order.</summary>
internal sealed class SynchronousProgress(Action<string> report) : IProgress<string>
{
    public void Report(string value) => report(value);
}

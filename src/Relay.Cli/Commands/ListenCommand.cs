using System.CommandLine;
using System.Text;
using Relay.Cli.Targets;
using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Local;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay listen</c>: receives as a delegation, verifies, opens and prints.</summary>
internal static class ListenCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan KeyMaxAge = TimeSpan.FromMinutes(5);

    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var delegation = new Argument<string>("delegation") { Description = "Delegation to listen as, e.g. iran; its private keys must be in the state folder." };
        var negotiation = new Option<string>("--negotiation", "-n") { Description = "Name of the negotiation.", DefaultValueFactory = static _ => "doha-2026" };
        var count = new Option<int>("--count") { Description = "End after that many envelopes; 0 listens until Ctrl-C.", DefaultValueFactory = static _ => 0 };
        var command = new Command("listen", "Receive a delegation's envelopes: check the mediators' signatures and the sender's, decrypt, print.")
        {
            delegation, negotiation, count, target.ServiceBus, target.Vault, target.State,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(delegation);
            var state = target.StateFolder(parsed);
            var vault = target.OpenVault(parsed, terminal.Time);
            var document = await DocumentFile.ReadAsync(state, parsed.GetRequiredValue(negotiation), cancellationToken);
            if (!document.Delegations.ContainsKey(name))
            {
                throw new CliFault($"{name} is no delegation of {document.Negotiation}.", $"Its delegations are {string.Join(", ", document.Delegations.Keys)}.");
            }

            await using var bus = target.OpenServiceBus(parsed);
            using var keys = LocalDelegation.LoadOrCreate(state, name);
            var mediatorKeys = new KeyVaultMediatorKeys(_ => vault, KeyMaxAge, terminal.Time);
            var inspector = new EnvelopeInspector(document, name, [keys.Encryption], mediatorKeys, new StreamTracker(), null, terminal.Time);
            await using var inbox = new DelegationInbox(bus, inspector, InboxOrder.AsItComes, null, terminal.Time);
            terminal.Notes.WriteLine($"Listening as {name} in {document.Negotiation}. Ctrl-C ends.");
            await ListenAsync(terminal, inbox, parsed.GetRequiredValue(count), cancellationToken);
            return 0;
        });
        return command;
    }

    private static async Task ListenAsync(Terminal terminal, DelegationInbox inbox, int count, CancellationToken cancellationToken)
    {
        var received = 0;
        try
        {
            while (count == 0 || received < count)
            {
                if (await inbox.ReceiveAsync(Poll, cancellationToken) is not { } message) continue;
                Print(terminal, message.Result);
                await message.SettleAsync(cancellationToken);
                received++;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how listening ends; what was not settled comes again.
        }
    }

    private static void Print(Terminal terminal, InboxResult result)
    {
        if (result.Statement is not { } statement)
        {
            terminal.Out.MarkupLineInterpolated($"[red]refused:[/] {result.Fault.Code()}: {result.Detail}");
            return;
        }

        var through = string.Join(", ", result.Quorum!.Counted);
        var gap = result.Continuity == StreamContinuity.Gap ? " (earlier ones have not come)" : "";
        terminal.Out.MarkupLineInterpolated($"[green]{statement.Id}[/] signed by {statement.SignerKeyId} through {through}, weight {result.Quorum.Weight} of {result.Quorum.Required}{gap}");
        terminal.Out.WriteLine(statement.ContentType.StartsWith("text/", StringComparison.Ordinal)
            ? Printable(Encoding.UTF8.GetString(statement.Body))
            : $"{statement.Body.Length} bytes of {statement.ContentType}");
    }

    // What another party wrote must not steer this terminal.
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\uFFFD' : c));
}

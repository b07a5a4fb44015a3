using System.CommandLine;
using System.Globalization;
using Azure.Identity;
using Relay.Azure.Ledger;
using Relay.Checker;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Keys;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay check</c>: is everything in a ledger store as it was signed.</summary>
internal static class CheckCommand
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(2);

    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var place = new Argument<string>("store")
        {
            Description = "A folder, the https URL of a blob container, or a storage connection string (with --container).",
        };
        var container = new Option<string>("--container")
        {
            Description = "Container of a connection string.",
            HelpName = "name",
            DefaultValueFactory = static _ => "ledger",
        };
        var key = new Option<FileInfo?>("--key")
        {
            CustomParser = FileValues.Input("Give the public key of relay-checkpoint as JWK."),
            Description = "The relay's public vault key as JWK, or several as {\"keys\":[...]}, as 'relay keys export' writes them.",
            HelpName = "file",
        };
        var unsigned = new Option<bool>(
            "--without-key")
        { Description = "Take the certificates of checkpoint keys at their word; everything else is verified." };
        var command = new JudgingCommand(
            "check",
            "Recompute every hash, tile, head, checkpoint and index of a ledger store, and say what is wrong and how far it reaches.")
        {
            place, container, key, unsigned, target.Vault, target.State,
        };
        command.TakeOnlyWithout(key, unsigned, target.Vault, target.State);
        command.TakeOnlyWithout(unsigned, target.Vault, target.State);
        command.Refuse(
            [container],
            result => !IsConnectionString(result.GetValue(place)),
            option => $"{option.Name} goes with a connection string only: leave it out.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var store = Open(parsed.GetRequiredValue(place), parsed.GetRequiredValue(container));
            Func<string, CancellationToken, ValueTask<PublicJwk?>>? find = null;
            Func<string, CancellationToken, ValueTask<DatedKey?>>? findMediator = null;
            Func<string, CancellationToken, ValueTask<bool>> isWithdrawn = (_, _) => new(false);
            if (parsed.GetValue(key) is { } file)
            {
                var keys = await PublicKeyFiles.ReadAsync(file, cancellationToken);
                find = (id, _) => new(keys.Find(id));
                isWithdrawn = (id, _) => new(keys.IsWithdrawn(id));
                if (keys.HasMediators()) findMediator = (id, _) => new(keys.FindMediator(id));
            }
            else if (!parsed.GetValue(unsigned))
            {
                var vault = target.OpenVault(parsed, terminal.Time);
                find = (id, token) => VaultPublicKeys.FindAsync(vault, id, token);
                findMediator = (id, token) => VaultPublicKeys.FindMediatorAsync(vault, id, token);
                isWithdrawn = (id, token) => VaultPublicKeys.IsWithdrawnAsync(vault, id, token);
            }

            var checker = new LedgerChecker(new StoreToCheck(store), find, findMediator);
            var report = await checker.CheckAsync(new ProgressLines(terminal), cancellationToken);
            Print(terminal, report);
            if (!report.IsClean) return ExitCode.Bad;
            if (report.Ledgers.Count == 0) terminal.Out.Say($"There is no ledger here: nothing was checked.");
            var verified = report is { SignaturesVerified: true, QuorumsVerified: true, Ledgers.Count: > 0 };
            foreach (var ledger in report.Ledgers)
            {
                verified &= ledger.UnprovedCount == 0;
                // Whoever has that key writes a whole ledger of any date. Older certificates prove nothing alone, and need not.
                if (ledger.CertifiedBy is not { } id || !await isWithdrawn(id, cancellationToken)) continue;
                terminal.Out.Say($"Not proved: the head of {ledger.Negotiation} is certified by {id}, withdrawn as compromised.");
                terminal.Out.Say($"The relay's next commit puts all of it under another version.");
                verified = false;
            }
            return verified ? ExitCode.Good : ExitCode.NotProved;
        });
        return command;
    }

    private static bool IsConnectionString(string? place) =>
        place is not null && place.Contains('=') && !Directory.Exists(place) && !Uri.TryCreate(place, UriKind.Absolute, out _);

    private static ILedgerStore Open(string place, string container)
    {
        if (Uri.TryCreate(place, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps)
        {
            return LedgerStores.OpenContainer(uri, new DefaultAzureCredential());
        }
        try
        {
            return IsConnectionString(place) ? LedgerStores.OpenContainer(place, container) : LedgerStores.ReadFolder(place);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FormatException)
        {
            throw new CliFault($"Cannot open the store: {e.Message}.", "Give a folder, a container's https URL or a connection string.", e);
        }
    }

    private static void Print(Terminal terminal, StoreReport report)
    {
        var table = new Table().AddColumns(
            "negotiation", "entries", "envelopes", "answers", "evidence", "held", "outstanding", "unpublished", "leftovers", "result");
        foreach (var ledger in report.Ledgers)
        {
            table.AddRow(
                ForeignText.Cell(ledger.Negotiation),
                Number(ledger.Size),
                Number(ledger.Envelopes),
                Number(ledger.Acknowledgements),
                Number(ledger.Evidence),
                Number(ledger.Held),
                Number(ledger.Outstanding),
                Number(ledger.Unpublished),
                Number(ledger.Leftovers.Values.Sum()),
                ledger.IsProved ? "[green]right[/]"
                    : ledger.IsClean ? $"[yellow]{ledger.UnprovedCount} not proved[/]" : $"[red]{ledger.FindingCount} wrong[/]");
        }

        terminal.Out.Write(table);
        foreach (var ledger in report.Ledgers.Where(ledger => !ledger.IsClean))
        {
            terminal.Out.Say($"[red]{ledger.Negotiation}[/]: {ledger.Reach}");
            foreach (var finding in ledger.Findings.Take(20)) terminal.Out.Say($"  {finding}");
            if (ledger.FindingCount > 20) terminal.Out.Say($"  and {ledger.FindingCount - 20} more");
        }

        foreach (var ledger in report.Ledgers.Where(ledger => ledger.UnprovedCount > 0))
        {
            terminal.Out.Say($"Not proved of {ledger.Negotiation}, {ledger.UnprovedCount} in all:");
            foreach (var finding in ledger.Unproved.Take(20)) terminal.Out.Say($"  {finding}");
        }

        if (report.Foreign > 0) terminal.Out.Say($"{report.Foreign} blobs belong to no ledger");
        if (!report.SignaturesVerified) terminal.Out.Say($"the certificates' signatures were not verified: no key was given");
        if (!report.QuorumsVerified) terminal.Out.Say($"the mediators' signatures were not verified: no keys of theirs were given");
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A line from time to time, so that a long run is seen to go on.</summary>
    private sealed class ProgressLines(Terminal terminal) : IProgress<CheckProgress>
    {
        private long _last = terminal.Time.GetTimestamp();

        public void Report(CheckProgress value)
        {
            if (terminal.Time.GetElapsedTime(_last) < ProgressEvery) return;
            _last = terminal.Time.GetTimestamp();
            terminal.Notes.Say($"{value.Negotiation}: {Number(value.Entries)} of {Number(value.Size)} entries");
        }
    }
}

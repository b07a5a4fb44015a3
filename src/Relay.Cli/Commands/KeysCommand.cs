using System.CommandLine;
using System.Globalization;
using Azure.Security.KeyVault.Keys;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Protocol.Keys;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay keys</c>: the mediators' signing keys in a vault.</summary>
internal static class KeysCommand
{
    public static Command Create(Terminal terminal) => new("keys", "Make, list and disable signing keys in Key Vault.")
    {
        CreateKey(terminal),
        ListKeys(terminal),
        DisableKey(terminal),
        WithdrawKey(terminal),
        ExportKeys(terminal),
    };

    private static Command ExportKeys(Terminal terminal)
    {
        var target = new TargetOptions();
        var output = new Option<FileInfo?>("--out")
        {
            CustomParser = FileValues.Output,
            Description = "File to write; standard output when left out.",
            HelpName = "file",
        };
        var command = new Command(
            "export",
            "Write the public half of every version of every signing key in the vault, the relay's and the mediators', as a JWK set: "
                + "what 'verify', 'audit', 'listen' and 'check' take with --key, so that nothing has to be asked of a vault years later.")
        {
            output, target.Vault, target.State,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var set = await PublicKeySet.ExportAsync(target.OpenVault(parsed, terminal.Time), cancellationToken);
            if (parsed.GetValue(output) is { } file)
            {
                await File.WriteAllBytesAsync(file.FullName, set.Json, cancellationToken);
                terminal.Out.Say($"{set.Count} public keys in {file.FullName}");
            }
            else
            {
                await terminal.Raw.WriteAsync(set.Json, cancellationToken);
            }
            foreach (var skipped in set.Skipped) terminal.Notes.Say($"left out: {skipped}");
            return ExitCode.Good;
        });
        return command;
    }

    private static Command CreateKey(Terminal terminal)
    {
        var target = new TargetOptions();
        var name = new Argument<string>("name")
        {
            CustomParser = OptionValues.KeyName,
            Description = "Name of the key, e.g. mediator-norway. A name that exists gets a new version.",
        };
        var curve = new Option<string>("--curve") { Description = "P-256, P-384 or P-521.", DefaultValueFactory = static _ => "P-256" };
        curve.AcceptOnlyFromAmong("P-256", "P-384", "P-521");
        var command = new Command(
            "create", "Make a signing key, or a new version of one, and print its identifier.") { name, curve, target.Vault, target.State };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new CreateEcKeyOptions(parsed.GetRequiredValue(name)) { CurveName = parsed.GetRequiredValue(curve) };
            options.KeyOperations.Add(KeyOperation.Sign);
            options.KeyOperations.Add(KeyOperation.Verify);
            KeyVaultKey key = await target.OpenVault(parsed, terminal.Time).CreateEcKeyAsync(options, cancellationToken);
            terminal.Out.Say($"{key.Id.AbsoluteUri}");
            return 0;
        });
        return command;
    }

    private static Command ListKeys(Terminal terminal)
    {
        var target = new TargetOptions();
        var command = new Command("list", "List every version of every key.") { target.Vault, target.State };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var vault = target.OpenVault(parsed, terminal.Time);
            var table = new Table().AddColumns("key", "version", "enabled", "not before", "expires", "created");
            await foreach (var key in vault.GetPropertiesOfKeysAsync(cancellationToken))
            {
                await foreach (var version in vault.GetPropertiesOfKeyVersionsAsync(key.Name, cancellationToken))
                {
                    table.AddRow(
                        ForeignText.Cell(version.Name), ForeignText.Cell(version.Version), version.Enabled is true ? "yes" : "no",
                        $"{version.NotBefore:u}", $"{version.ExpiresOn:u}", $"{version.CreatedOn:u}");
                }
            }

            terminal.Out.Write(table);
            return 0;
        });
        return command;
    }

    private static Command WithdrawKey(Terminal terminal)
    {
        var target = new TargetOptions();
        var name = new Argument<string>("name") { CustomParser = OptionValues.KeyName, Description = "Name of the key." };
        var version = new Option<string>("--version") { Description = "Version to withdraw.", HelpName = "version", Required = true };
        var since = new Option<DateTimeOffset?>("--since")
        {
            CustomParser = OptionValues.Moment,
            Description = "From when on others may have signed with it; the time at which the command runs when left out.",
            HelpName = "time",
        };
        var command = new Command(
            "withdraw",
            "Withdraw one version of a key as compromised, for good: it is disabled, a mediator's signatures count only in entries that "
                + "the ledger dates before --since, and of what the relay's key has certified only what somebody saw before. To end a "
                + "version that nobody else has held, 'disable' it: what it has signed goes on proving.")
        {
            name, version, since, target.Vault, target.State,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var vault = target.OpenVault(parsed, terminal.Time);
            KeyVaultKey key = await vault.GetKeyAsync(parsed.GetRequiredValue(name), parsed.GetRequiredValue(version), cancellationToken);
            var now = terminal.Time.GetUtcNow();
            var from = parsed.GetValue(since) ?? now;
            if (from > now)
            {
                throw new CliFault(
                    $"--since lies ahead of this clock, {now:u}.", "Give the first moment at which somebody else may have held the key.");
            }
            if (KeyValidity.ReadCompromisedSince(key.Properties.Tags) is { } before && before < from)
            {
                throw new CliFault(
                    $"{key.Id.AbsoluteUri} is withdrawn since {before:u} already.", "Only an earlier time can be given now.");
            }
            key.Properties.Enabled = false;
            key.Properties.Tags[KeyValidity.CompromisedTag] = from.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            await vault.UpdateKeyPropertiesAsync(key.Properties, cancellationToken: cancellationToken);
            terminal.Out.Say($"withdrawn {key.Id.AbsoluteUri}, compromised since {from:u}");
            terminal.Notes.Say($"Make a new version ('relay keys create'), then give every party the new 'relay keys export'.");
            terminal.Notes.Say($"Those who hold an older file do not know of this.");
            return ExitCode.Good;
        });
        return command;
    }

    private static Command DisableKey(Terminal terminal)
    {
        var target = new TargetOptions();
        var name = new Argument<string>("name") { CustomParser = OptionValues.KeyName, Description = "Name of the key." };
        var version = new Option<string?>(
            "--version")
        { Description = "Version to disable; the newest when left out.", HelpName = "version" };
        var command = new Command(
            "disable", "Disable one version of a key: it stops signing at once, and the relay stops accepting it within minutes.")
        {
            name, version, target.Vault, target.State,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var vault = target.OpenVault(parsed, terminal.Time);
            KeyVaultKey key = await vault.GetKeyAsync(parsed.GetRequiredValue(name), parsed.GetValue(version), cancellationToken);
            key.Properties.Enabled = false;
            await vault.UpdateKeyPropertiesAsync(key.Properties, cancellationToken: cancellationToken);
            terminal.Out.Say($"disabled {key.Id.AbsoluteUri}");
            return 0;
        });
        return command;
    }
}

using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Client.Ledger;
using Relay.Protocol.Evidence;

namespace Relay.Cli.Commands;

/// <summary><c>relay verify evidence</c>: judges a file of evidence, for anyone, with the relay's and the mediators' public keys.</summary>
internal static class VerifyEvidenceCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var document = new DocumentTarget(target);
        var file = new Argument<FileInfo>("file")
        {
            CustomParser = FileValues.Input("Give the path of what relay audit or relay listen wrote."),
            Description = "File that relay audit or relay listen wrote when the relay had signed what no honest relay signs.",
        };
        var command = new JudgingCommand(
            "evidence",
            "Judge a file of evidence against a relay. For anyone: it needs the relay's public key, where mediators' signatures are in "
            + "question theirs, and no word of who made the file. Proved means that the relay has lied as the file says.")
        {
            file, document.Files, ledger.RelayName, ledger.RelayKey, ledger.KeyFile, target.Vault, target.State,
        };
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(file);
            var bytes = await FileValues.ReadAsync(name, EvidenceFile.MaxBytes, cancellationToken);
            if (!EvidenceFile.TryParse(bytes, out var evidence, out var error)) throw new CliFault($"{name.Name} is no such file.", error);
            var prefix = parsed.GetRequiredValue(ledger.RelayName) + "/";
            if (!evidence.Origin.StartsWith(prefix, StringComparison.Ordinal))
            {
                throw new CliFault(
                    $"It speaks of {evidence.Origin}.", $"Expected a ledger of {prefix}; name the relay with --relay-name.");
            }

            var keys = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
            var negotiation = evidence.Origin[prefix.Length..];
            var documents = await document.ReadAllAsync(parsed, negotiation, cancellationToken);
            var judge = new EvidenceKeys(keys.Keys, keys.RelayKey, keys.Keys, documents);
            return Tell(terminal, evidence, await judge.JudgeAsync(evidence, cancellationToken));
        });
        return command;
    }

    private static int Tell(Terminal terminal, EvidenceFile evidence, EvidenceVerdict verdict)
    {
        switch (verdict.Standing)
        {
            case EvidenceStanding.Proved:
                VerifyCommand.Yes(terminal, $"{evidence.Kind.ToText()} by {evidence.Origin}: {verdict.Detail}");
                return ExitCode.Good;
            case EvidenceStanding.NotProved:
                return VerifyCommand.No(terminal, verdict.Fault.ToString(), verdict.Detail);
            case EvidenceStanding.NotJudged:
                terminal.Out.Say($"[yellow]Not judged:[/] {verdict.Fault}: {verdict.Detail}");
                return ExitCode.NotProved;
        }

        throw new InvalidOperationException($"Expected a verdict, got {verdict.Standing}.");
    }
}

using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Reading;
using Relay.Cli.Targets;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Commands;

/// <summary><c>relay verify envelope</c>: would the relay take it, and if not, why.</summary>
internal static class VerifyEnvelope
{
    public static JudgingCommand Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var document = new DocumentTarget(target);
        var file = new Argument<FileInfo>("envelope")
        {
            CustomParser = FileValues.Input("Make one with 'relay sign ... --out envelope.json'."),
            Description = "File with the envelope, as 'relay sign' writes it.",
        };
        var command = new JudgingCommand(
            "envelope",
            "Check an envelope as the relay will: members, routes, mediators' signatures, quorum and times. Needs the negotiation's "
                + "document and the mediators' public keys, and nothing of the relay, which tells no reason to who has proved nothing.")
        {
            file, document.Files, ledger.KeyFile, target.Vault, target.State,
        };
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wire = await EnvelopeFile.ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            if (!Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out var fault, out var detail))
            {
                return VerifyCommand.No(terminal, ReasonCodes.Of(fault), detail);
            }

            var inForce = await document.ReadInForceAsync(parsed, envelope.Id.Negotiation, cancellationToken);
            var keys = parsed.GetValue(ledger.KeyFile) is { } exported
                ? await PublicKeyFiles.ReadAsync(exported, cancellationToken)
                : LedgerTarget.OpenVaultKeys(parsed, target, terminal.Time);
            var found = await ForeseenAnswer.FindAsync(envelope, inForce, keys, terminal.Time.GetUtcNow(), cancellationToken);
            terminal.Out.Say($"Judged by version {inForce.Version} of the document of {inForce.Negotiation}.");
            return Say(terminal, envelope, found);
        });
        return command;
    }

    private static int Say(Terminal terminal, Envelope envelope, ForeseenAnswer found)
    {
        var quorum = found.Quorum;
        switch (found.Ruling)
        {
            case null or { Verdict: Verdict.Embargoed }:
                VerifyCommand.Yes(terminal, $"{envelope.Id.Sender} may address {string.Join(", ", envelope.Head.Audience)}");
                VerifyCommand.Yes(
                    terminal,
                    $"signatures of {string.Join(", ", quorum.Counted)} have weight {quorum.Weight} of {quorum.Required}");
                VerifyCommand.Yes(
                    terminal,
                    found.Ruling is { Until: { } until } ? $"its times are right; it goes on at {until:u}" : "its times are right");
                return ExitCode.Good;
            case { Verdict: Verdict.Pending or Verdict.KeyUnavailable or Verdict.ReadOnly } open:
                terminal.Out.Say($"Not proved: {open.Reason}: {open.Description}.");
                return ExitCode.NotProved;
            case var refused:
                return VerifyCommand.No(terminal, refused.Reason, refused.Description);
        }
    }
}

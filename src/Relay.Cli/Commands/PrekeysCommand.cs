using System.CommandLine;
using System.Globalization;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Signing;
using Relay.Cli.Targets;
using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Client.Prekeys;
using Relay.Client.Storage;
using Relay.Local;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Commands;

/// <summary><c>relay prekeys</c>: keys of a delegation that others seal to once.</summary>
internal static class PrekeysCommand
{
    public static Command Create(Terminal terminal) => new(
        "prekeys", "Keys that others seal to once: what was opened stays closed, whoever comes by the delegation's keys later.")
    {
        Publish(terminal),
        Status(terminal),
        Check(terminal),
    };

    private static Command Publish(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var documents = new DocumentTarget(target);
        var prekeys = new PrekeyTarget();
        var hybrid = new Option<bool>("--hybrid")
        {
            Description =
                "Keys of ML-KEM-768 beside P-256, a draft: closed to a quantum computer too. Twelve at a time; 'listen' goes on with "
                + "them. Without it they are of the encryption key's kind.",
        };
        var delegation = Delegation("Delegation whose keys to publish, e.g. iran; its identity key must be in the state folder.");
        var command = new Command(
            "publish",
            "Publish a delegation's prekeys where none are, few are left or they are a day old; 'listen' does it by itself from then on. "
                + "The private keys are kept encrypted in the state folder.")
        {
            delegation, target.Negotiation, hybrid, prekeys.Secret, documents.Files, ledger.RelayName, ledger.RelayKey, ledger.KeyFile,
            ledger.ClientCertificate, target.Http, target.Vault, target.State,
        };
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (name, state) = (parsed.GetRequiredValue(delegation), target.StateFolder(parsed));
            var document = await documents.ReadInForceAsync(parsed, parsed.GetRequiredValue(target.Negotiation), cancellationToken);
            DocumentFile.Require(document, name);
            using var only = ListenLock.TryTake(state, name, out _)
                ?? throw new CliFault(
                    $"'relay listen {name}' runs on {state}, and looks after the prekeys itself.",
                    "Let it, or stop it with Ctrl-C in its shell.");
            using var keys = LocalDelegation.LoadOrCreate(state, name);
            DelegationKeys.CheckIdentity(document, keys);
            var source = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
            using var trust = ledger.OpenTrust(parsed, document.Negotiation, source, terminal.Time);
            using var http = ledger.OpenLog(parsed, target, name, terminal.Time);
            using var identity = new LocalSigner(keys.Identity);
            var folder = PrekeyTarget.FolderOf(state, name, document.Negotiation);
            using var store = await prekeys.OpenAsync(terminal, parsed, folder, name, document.Negotiation, cancellationToken);
            var kept = DelegationFolder.Open(state, name, terminal.Time);
            var inbox = await kept.ReadSeenAsync(document.Negotiation, trust.Origin, cancellationToken);
            var policy = ListenPrekeys.PolicyOf(parsed.GetValue(hybrid) ? JwkKind.MlKem768P256 : keys.Encryption.Public.Kind);
            var publisher = new PrekeyPublisher(http, trust, document, store, identity, policy, terminal.Time, inbox.View);
            var status = await publisher.MaintainAsync(cancellationToken);
            await kept.SaveInboxAsync(document.Negotiation, inbox, null, cancellationToken);
            if (status.Problem.Length > 0)
            {
                throw new CliFault(status.Problem, "What was made is kept, and goes out with the next try: nothing is made twice.");
            }
            terminal.Out.Say($"{PrekeyLines.Of(status)}");
            return ExitCode.Good;
        });
        return command;
    }

    private static Command Status(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var delegation = Delegation("Delegation whose keys to speak of, e.g. iran.");
        var command = new Command("status", "Say which prekeys of a delegation are here, and which the relay hands out.")
        {
            delegation, target.Negotiation, ledger.ClientCertificate, target.Http, target.State,
        };
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (here, standing, problem) = await LookAsync(parsed, target, ledger, delegation, terminal.Time, cancellationToken);
            terminal.Out.Say($"here: {PrekeyLines.Of(here)}");
            terminal.Out.Say($"the relay says: {PrekeyLines.Of(standing, problem)}");
            return ExitCode.Good;
        });
        return command;
    }

    private static JudgingCommand Check(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var delegation = Delegation("Delegation whose keys to check, e.g. iran.");
        var command = new JudgingCommand(
            "check",
            "Check that the bundle in force at the relay is the one that was signed here last, and that what may be sealed to its keys can "
                + "be opened here.")
        {
            delegation, target.Negotiation, ledger.ClientCertificate, target.Http, target.State,
        };
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (here, standing, problem) = await LookAsync(parsed, target, ledger, delegation, terminal.Time, cancellationToken);
            if (problem.Length > 0)
            {
                throw new CliFault(problem, "Is it the right relay, and does the negotiation's document name your certificate?");
            }
            var (name, state) = (parsed.GetRequiredValue(delegation), target.StateFolder(parsed));
            if (here.Newest is null && standing is null)
            {
                throw new CliFault($"{name} has published no prekeys.", $"{PastedCommand.Of(state, "prekeys", "publish", name)} does.");
            }
            if (PrekeyLines.FindFault(here, standing) is { } fault)
            {
                terminal.Out.Say($"[red]wrong:[/] {fault}.");
                terminal.Out.Say($"To have another bundle published: {PastedCommand.Of(state, "prekeys", "publish", name)}");
                return ExitCode.Bad;
            }
            terminal.Out.Say($"[green]The same here and at the relay:[/] {PrekeyLines.Of(standing, "")}");
            return ExitCode.Good;
        });
        return command;
    }

    private static async Task<(PrekeyInventory Here, BundleStanding? Standing, string Problem)> LookAsync(
        ParseResult parsed,
        TargetOptions target,
        LedgerTarget ledger,
        Argument<string> delegation,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (name, negotiation) = (parsed.GetRequiredValue(delegation), parsed.GetRequiredValue(target.Negotiation));
        var here = PrekeyInventory.Read(PrekeyTarget.FolderOf(target.StateFolder(parsed), name, negotiation), negotiation, name);
        using var http = ledger.OpenLog(parsed, target, name, time);
        var (standing, problem) = await new PrekeyQuestion(http, negotiation, name, time).AskAsync(here.Newest?.Digest, cancellationToken);
        return (here, standing, problem);
    }

    private static Argument<string> Delegation(string description) =>
        new("delegation") { CustomParser = OptionValues.Name, Description = description };
}

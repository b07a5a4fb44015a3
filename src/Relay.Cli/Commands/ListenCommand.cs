using System.CommandLine;
using System.Text;
using Azure.Messaging.ServiceBus;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Signing;
using Relay.Cli.Targets;
using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Local;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay listen</c>: receives as a delegation, verifies, opens and prints.</summary>
internal static class ListenCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    // What the last acknowledgements may take before the command ends; the rest is sent the next time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var documents = new DocumentTarget(target);
        var prekeys = new PrekeyTarget();
        var delegation = new Argument<string>("delegation")
        {
            CustomParser = OptionValues.Name,
            Description = "Delegation to listen as, e.g. iran; its private keys must be in the state folder.",
        };
        var count = new Option<int>("--count")
        {
            CustomParser = OptionValues.Number(0, int.MaxValue),
            HelpName = "number",
            Description = "End after that many envelopes; 0 listens until Ctrl-C.",
            DefaultValueFactory = static _ => 0,
        };
        var save = new Option<DirectoryInfo?>("--save-receipts")
        {
            CustomParser = FileValues.Folder,
            Description =
                "Folder to keep each envelope and its receipt in, for relay verify receipt; also for a proof, should the relay "
                    + "contradict itself.",
            HelpName = "folder",
        };
        var without = new Option<bool>("--without-receipts")
        {
            Description =
                "Take envelopes without receipts, from a relay that keeps no ledger: then nothing shows what the relay leaves out.",
        };
        var silent = new Option<bool>("--no-acknowledge")
        {
            Description = "Do not tell the relay, and so the senders, what was opened and what was refused.",
        };
        var command = new Command(
            "listen",
            "Receive a delegation's envelopes: check the relay's receipt, the mediators' signatures and the sender's, decrypt, "
                + "print in each sender's order, acknowledge, and keep what relay audit compares. Where the delegation has prekeys, or the "
                + "secret for them is set, it opens with these and keeps 10 to 100 of them at the relay.")
        {
            delegation, target.Negotiation, count, save, without, silent, prekeys.Secret, documents.Files, ledger.RelayName,
            ledger.RelayKey, ledger.KeyFile, ledger.ClientCertificate, target.Http, target.ServiceBus, target.Vault, target.State,
        };
        command.TakeOnlyWithout(ledger.KeyFile, target.Vault);
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.TakeOnlyWithout(without, save, ledger.RelayName, ledger.RelayKey, ledger.ClientCertificate, target.Http);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(delegation);
            var state = target.StateFolder(parsed);
            var keySource = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
            var document = await documents.ReadInForceAsync(parsed, parsed.GetRequiredValue(target.Negotiation), cancellationToken);
            DocumentFile.Require(document, name);
            using var only = ListenLock.Take(state, name);
            await using var bus = target.OpenServiceBus(parsed);
            using var keys = LocalDelegation.LoadOrCreate(state, name);
            DelegationKeys.CheckEncryption(document, keys);
            using var trust = ledger.OpenTrust(parsed, document.Negotiation, keySource, terminal.Time);
            using var http = parsed.GetValue(without) || !ledger.CanOpenLog(parsed, target)
                ? null
                : ledger.OpenLog(parsed, target, name, terminal.Time);
            var folder = DelegationFolder.Open(state, name, terminal.Time);
            var kept = await folder.ReadSeenAsync(document.Negotiation, trust.Origin, cancellationToken);
            ValueTask KeepStateAsync(InboxResult? result, CancellationToken token) =>
                folder.SaveInboxAsync(document.Negotiation, kept, result?.ToArrivalRecord(), token);
            var checks = parsed.GetValue(without)
                ? null
                : LedgerTarget.Checks(
                    trust,
                    kept,
                    http is null ? null : new HttpLedgerLog(http, document.Negotiation, terminal.Time),
                    await documents.ReadAllAsync(parsed, document.Negotiation, cancellationToken),
                    terminal.Time);
            var secrets = PrekeyTarget.FolderOf(state, name, document.Negotiation);
            using var store = await prekeys.TryOpenAsync(terminal, parsed, secrets, name, document.Negotiation, cancellationToken);
            var inspector = new EnvelopeInspector(
                document, name, [keys.Encryption], keySource.Keys, kept.Streams, checks, terminal.Time, store);
            using var identity = new LocalSigner(keys.Identity);
            var problem = FindSilence(document, keys, http);
            await using var outbox = parsed.GetValue(silent) || checks is null
                ? null
                : OpenOutbox(terminal, state, kept.View, problem, document, identity, http, trust, KeepStateAsync, parsed.GetValue(save));
            outbox?.Start();
            await using var keeper = store is null || problem is not null
                ? null
                : ListenPrekeys.Start(
                    terminal,
                    http!,
                    trust,
                    document,
                    store,
                    ListenPrekeys.PolicyOf(secrets, store, keys.Encryption.Public),
                    identity,
                    kept.View,
                    () => KeepStateAsync(null, CancellationToken.None));
            // What was printed is kept before the message is completed: a kill between the two shows it once more, as a duplicate.
            await using var inbox = new DelegationInbox(
                bus,
                inspector,
                checks is null ? InboxOrder.AsItComes : InboxOrder.Default,
                KeepStateAsync,
                terminal.Time,
                outbox);
            terminal.Notes.Say($"Listening as {name} in {document.Negotiation}. Ctrl-C ends.");
            await ListenAsync(terminal, inbox, state, parsed.GetValue(save), parsed.GetRequiredValue(count), cancellationToken);
            await FinishAsync(terminal, outbox, cancellationToken);
            return 0;
        });
        return command;
    }

    // Why nothing can be told to the relay; null when it can.
    private static string? FindSilence(NegotiationDocument document, LocalDelegation keys, HttpClient? http) => http is null
        ? "it is not known where the relay's HTTP API is (--url and --client-certificate)"
        : DelegationKeys.HasIdentity(document, keys)
            ? null
            : $"the document of {document.Negotiation} does not name the identity key {keys.Identity.KeyId} that is here";

    // Null, and said once, where nothing can be acknowledged.
    private static AcknowledgementOutbox? OpenOutbox(
        Terminal terminal,
        string state,
        LedgerView view,
        string? problem,
        NegotiationDocument document,
        LocalSigner identity,
        HttpClient? http,
        LedgerTrust trust,
        Func<InboxResult?, CancellationToken, ValueTask> keepAsync,
        DirectoryInfo? save)
    {
        if (problem is null) return OutboxFile.Open(state, document, identity, http!, trust, view, SettledAsync, terminal.Time);
        terminal.Notes.Say($"Nothing will be acknowledged: {problem}. Senders see no answer.");
        return null;

        async ValueTask SettledAsync(Acknowledgement said, AcknowledgementReply reply, CancellationToken cancellationToken)
        {
            if (reply.Receipt is not { } receipt)
            {
                terminal.Notes.Say($"Not acknowledged: {said.Id}, {said}: {reply.Detail}.");
                return;
            }
            terminal.Notes.Say(
                $"Acknowledged: {said.Id}, {said}: entry {receipt.Proof.Index} of the ledger, receipt checked.");
            // Its checkpoint came to those that an audit compares.
            await keepAsync(null, cancellationToken);
            if (save is null) return;
            save.Create();
            var path = Path.Combine(save.FullName, said.Id.ToString().Replace('/', '-') + ".acknowledgement");
            await File.WriteAllBytesAsync(path, receipt.Bytes.ToArray(), cancellationToken);
        }
    }

    private static async Task FinishAsync(Terminal terminal, AcknowledgementOutbox? outbox, CancellationToken cancellationToken)
    {
        if (outbox is null) return;
        if (outbox.LeftOut > 0)
        {
            terminal.Notes.Say($"{outbox.LeftOut} never acknowledged, since {AcknowledgementOutbox.MaxPending} waited already.");
            terminal.Notes.Say($"Their senders see no answer: is the relay's address right?");
        }
        var patience = cancellationToken.IsCancellationRequested ? TimeSpan.Zero : Patience;
        if (await outbox.DrainAsync(patience, CancellationToken.None)) return;
        terminal.Notes.Say($"{outbox.Pending} not acknowledged yet; kept, and sent when 'relay listen' runs again.");
    }

    private static async Task ListenAsync(
        Terminal terminal, DelegationInbox inbox, string state, DirectoryInfo? save, int count, CancellationToken cancellationToken)
    {
        var received = 0;
        // True once the bus has answered: what never did is a wrong address, what did and stops is an outage.
        var reached = false;
        string? said = null;
        while (count == 0 || received < count)
        {
            try
            {
                var message = await inbox.ReceiveAsync(inbox.WaitingForKeys == 0 ? Poll : Tick, cancellationToken);
                reached = true;
                Say(
                    terminal,
                    ref said,
                    inbox.WaitReason is { } reason
                        ? $"Not now: {reason}. {inbox.WaitingForKeys} wait for it, locked; nothing is lost."
                        : null);
                if (message is null) continue;
                if (message.Result.EarlierCheckpoint is { } earlier) terminal.Out.Say($"[red]ledger-not-consistent:[/] {earlier}");
                Print(terminal, message.Result);
                received++;
                await KeepAsync(terminal, message.Result, state, save, cancellationToken);
                await message.SettleAsync(cancellationToken);
            }
            catch (ServiceBusException e) when (reached && DelegationInbox.IsNotNow(e))
            {
                Say(terminal, ref said, $"Not now: the Service Bus does not answer ({e.Reason}). What was not settled comes again.");
                await Task.Delay(Tick, terminal.Time, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Ctrl-C is how listening ends; what was not settled comes again.
                return;
            }
        }
    }

    // Once an outage, not once a try.
    private static void Say(Terminal terminal, ref string? said, string? now)
    {
        if (now is not null && said is null) terminal.Notes.Say($"{now}");
        said = now;
    }

    private static async Task KeepAsync(
        Terminal terminal, InboxResult result, string state, DirectoryInfo? folder, CancellationToken cancellationToken)
    {
        if (folder is null || result.Envelope is not { } envelope) return;
        folder.Create();
        var name = Path.Combine(folder.FullName, envelope.Id.ToString().Replace('/', '-'));
        if (result.Fault == InboxFault.None && result.Receipt is { } receipt)
        {
            await File.WriteAllBytesAsync(name + ".json", envelope.Wire.ToArray(), cancellationToken);
            await File.WriteAllBytesAsync(name + ".receipt", receipt.Bytes.ToArray(), cancellationToken);
        }

        if (result.Contradiction is not { } contradiction) return;
        await File.WriteAllBytesAsync(name + ".evidence", contradiction.Bytes.ToArray(), cancellationToken);
        terminal.Out.Say(
            $"  proof in {name}.evidence; check it with: {PastedCommand.Of(state, "verify", "evidence", name + ".evidence")}");
    }

    private static void Print(Terminal terminal, InboxResult result)
    {
        if (result.Statement is not { } statement)
        {
            terminal.Out.Say($"[red]refused:[/] {result.Code}:");
            terminal.Quote(result.Detail);
            return;
        }

        var through = string.Join(", ", result.Quorum!.Counted);
        var place = result.Continuity switch
        {
            StreamContinuity.Gap => " (earlier ones have not come)",
            StreamContinuity.Late => " (late: later ones have been shown)",
            _ => "",
        };
        var (weight, required) = (result.Quorum.Weight, result.Quorum.Required);
        terminal.Out.Say(
            $"[green]{statement.Id}[/] signed by {statement.SignerKeyId} through {through}, weight {weight} of {required}{place}");
        terminal.Out.Say($"[grey]opened by {PrekeyLines.OfKey(result)}[/]");
        if (result.Receipt is { } receipt)
        {
            terminal.Out.Say(
                $"[grey]entry {receipt.Proof.Index} of the ledger, checkpoint {receipt.Checkpoint.Size} {receipt.Checkpoint.Root}[/]");
        }
        if (statement.ContentType.StartsWith("text/", StringComparison.Ordinal)) terminal.Quote(Encoding.UTF8.GetString(statement.Body));
        else terminal.Out.Say($"{statement.Body.Length} bytes of {statement.ContentType}");
    }
}

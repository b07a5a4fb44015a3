using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Reading;
using Relay.Cli.Signing;
using Relay.Cli.Targets;
using Relay.Client.Ledger;
using Relay.Client.Mediators;
using Relay.Core.Rulings;
using Relay.Local;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Commands;

/// <summary><c>relay submit</c>: hands a signed envelope to the relay.</summary>
internal static class SubmitCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var ledger = new LedgerTarget();
        var file = new Argument<FileInfo>("envelope")
        {
            CustomParser = FileValues.Input("Make one with 'relay sign ... --out envelope.json'."),
            Description = "File with the envelope, as 'relay sign' writes it.",
        };
        var http = new Option<bool>("--http") { Description = "Submit over HTTP instead of the queue." };
        var command = new Command("submit", "Submit a signed envelope: onto its lane's queue, or over HTTP.")
        {
            file,
            http,
            ledger.ClientCertificate,
            target.ServiceBus,
            target.Http,
            target.State,
        };
        command.TakeOnlyWith(http, target.Http);
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.TakeOnlyWithout(http, target.ServiceBus);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wire = await EnvelopeFile.ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            if (!Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out var fault, out var detail))
            {
                throw new CliFault($"{parsed.GetRequiredValue(file).Name} is not an envelope ({fault}).", detail);
            }

            RequireInTime(envelope.Head, StreamFile.Read(target.StateFolder(parsed), envelope.Id.Stream), terminal.Time.GetUtcNow());
            await SayWhatIsForeseenAsync(terminal, parsed, target, envelope, cancellationToken);
            if (parsed.GetValue(http))
            {
                using var client = new HttpClient { BaseAddress = target.HttpAddress(parsed) };
                var submission = await new EnvelopeHttpSubmitter(client, terminal.Time).SubmitAsync(envelope, cancellationToken);
                terminal.Out.Say($"{submission.Id} {submission.Status} by {client.BaseAddress}");
            }
            else
            {
                await using var bus = target.OpenServiceBus(parsed);
                await using var submitter = new EnvelopeSubmitter(bus, terminal.Time);
                await submitter.SubmitAsync(envelope, cancellationToken);
                terminal.Out.Say($"{envelope.Id} is on the queue of the {envelope.Id.Lane.ToText()} lane");
            }

            await SayIfItWaitsAsync(terminal, parsed, target, ledger, envelope.Id, cancellationToken);
            return 0;
        });
        return command;
    }

    // The relay tells no reason to who has proved nothing, and a queue tells nobody: what the local stack's document and vault say of it is
    // said here. It is sent all the same, since the relay decides.
    private static async Task SayWhatIsForeseenAsync(
        Terminal terminal, ParseResult parsed, TargetOptions target, Envelope envelope, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(target.Http) is not null || parsed.GetValue(target.ServiceBus) is not null || !target.IsRunning(parsed)) return;
        var negotiation = envelope.Id.Negotiation;
        if (!File.Exists(LocalDirectory.PathOf(target.StateFolder(parsed), negotiation)))
        {
            terminal.Notes.Say(
                $"There is no document of {negotiation} here: the relay will refuse the envelope as {ReasonCodes.UnknownNegotiation}.");
            return;
        }

        var document = await DocumentFile.ReadAsync(target.StateFolder(parsed), negotiation, cancellationToken);
        var keys = LedgerTarget.OpenVaultKeys(parsed, target, terminal.Time);
        var found = await ForeseenAnswer.FindAsync(envelope, document, keys, terminal.Time.GetUtcNow(), cancellationToken);
        switch (found.Ruling)
        {
            case null or { Verdict: Verdict.Embargoed }:
                break;
            case { Verdict: Verdict.Pending or Verdict.KeyUnavailable or Verdict.ReadOnly } waits:
                terminal.Notes.Say(
                    $"By version {document.Version} of {negotiation} it will wait: {waits.Reason}: {waits.Description}");
                break;
            case var refused:
                terminal.Notes.Say(
                    $"By version {document.Version} of {negotiation} the relay will refuse it: {refused.Reason}: {refused.Description}");
                break;
        }
    }

    // Taken is not delivered: what comes before those before it is held, and the sender learns of it here or not at all.
    private static async Task SayIfItWaitsAsync(
        Terminal terminal,
        ParseResult parsed,
        TargetOptions target,
        LedgerTarget ledger,
        EnvelopeId id,
        CancellationToken cancellationToken)
    {
        if (id.Sequence == 1) return;
        var status = Suggest.Status(StreamFile.Read(target.StateFolder(parsed), id.Stream));
        using var word = RelayWord.TryOpen(parsed, target, ledger, id.Stream, terminal.Time);
        switch (word is null ? EnvelopePlace.Unknown : (await word.FindAsync(id.Sequence - 1, cancellationToken)).Place)
        {
            case EnvelopePlace.Unknown:
                var before = id.Sequence - 1;
                terminal.Notes.Say(
                    $"Whether {before}, which it continues, has come cannot be told here: without it, {id} is held. {status} tells.");
                break;
            case EnvelopePlace.Absent or EnvelopePlace.Pending or EnvelopePlace.Held:
                terminal.Notes.Say(
                    $"{id.Sequence - 1} is not in the ledger: {id} is held until it comes, or expires. What to do says: {status}");
                break;
            case EnvelopePlace.Logged:
                break;
        }
    }

    // The relay refuses what is out of its time, and from a queue nothing comes back to say so.
    private static void RequireInTime(EnvelopeHead head, StreamFile stream, DateTimeOffset now)
    {
        if (head.ExpiresAt <= now)
        {
            throw new CliFault(
                $"{head.Id} expired at {head.ExpiresAt:u}; it is {now:u} here.",
                $"If this machine's clock is right, its sender makes it again: {Suggest.AgainAndSubmit(stream, head.Id.Sequence)}.");
        }

        if (head.IssuedAt - now > EnvelopeLimits.MaxClockSkew)
        {
            throw new CliFault(
                $"{head.Id} was signed at {head.IssuedAt:u}; it is {now:u} here.",
                "One of the two machines' clocks is wrong: set it, and sign anew if it was the signer's.");
        }
    }
}

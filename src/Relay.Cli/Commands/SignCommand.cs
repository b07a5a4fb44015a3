using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Signing;
using Relay.Cli.Targets;
using Relay.Client.Delegations;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Commands;

/// <summary><c>relay sign</c>: makes an envelope (a delegation seals, mediators sign), or adds mediators' signatures to one.</summary>
internal static class SignCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new SignOptions();
        var command = new Command(
            "sign", "Make an envelope: seal a text or file as a delegation and have mediators sign it with their vault keys.");
        foreach (var option in options.All)
        {
            command.Add(option);
        }

        command.TakeOnlyWithout(options.Add, options.OfANewEnvelope);
        command.TakeOnlyWithout(options.Head, [options.Add, options.MaxBytes, .. options.OfANewEnvelope]);
        command.TakeOnlyWith(options.Add, options.Attach);
        command.TakeOnlyWithout(options.Attach, options.Mediators, options.Target.Vault);
        command.TakeOnlyWithout(options.Text, options.File);
        command.TakeOnlyWith(options.Target.Http, options.Ledger.ClientCertificate);
        command.TakeOnlyWith(options.Head, options.Into);
        command.TakeOnlyWithout(options.Into, options.Out);
        command.Refuse(
            [options.Force],
            result => !result.IsGiven(options.Out) && !result.IsGiven(options.Into),
            option => $"{option.Name} is of use with {options.Out.Name} or {options.Into.Name} only: give one of them, or leave it out.");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = EnvelopeOutput.Open(terminal, parsed.GetValue(options.Out), parsed.GetValue(options.Force));
            var state = options.Target.StateFolder(parsed);
            var document = await DocumentFile.ReadAsync(state, parsed.GetRequiredValue(options.Negotiation), cancellationToken);
            try
            {
                foreach (var signed in await SignAsync(terminal, parsed, options, document, output, cancellationToken))
                {
                    terminal.Notes.Say($"{signed.Id}: digest {signed.Digest}");
                }

                return 0;
            }
            catch (ArgumentException exception)
            {
                throw new CliFault(
                    exception.Message,
                    $"Nothing was numbered. The delegations of {document.Negotiation} are {string.Join(", ", document.Delegations.Keys)}.",
                    exception);
            }
        });
        return command;
    }

    private static async Task<IReadOnlyList<EnvelopeHead>> SignAsync(
        Terminal terminal,
        ParseResult parsed,
        SignOptions options,
        NegotiationDocument document,
        EnvelopeOutput output,
        CancellationToken cancellationToken)
    {
        var attached = parsed.GetValue(options.Attach) is { } attach ? await SignedHeadFile.ReadAsync(attach, cancellationToken) : null;
        var mediators = attached is not null
            ? null
            : await MediatorSigners.OpenAsync(
                terminal,
                document,
                options.Target.OpenVault(parsed, terminal.Time),
                parsed.GetValue(options.Mediators) ?? [],
                cancellationToken);
        if (parsed.GetValue(options.Head) is { Length: > 0 } heads)
        {
            var (to, into, force) = (parsed.GetValue(options.Out), parsed.GetValue(options.Into), parsed.GetValue(options.Force));
            return await HeadFiles.SignAsync(terminal, heads, to, into, force, mediators!, cancellationToken);
        }
        if (parsed.GetValue(options.Add) is not { } add)
        {
            return [(await MakeAsync(terminal, parsed, options, document, mediators!, output, cancellationToken)).Head];
        }
        var builder = new EnvelopeBuilder(await ReadEnvelopeAsync(add, cancellationToken));
        if (attached is not null) builder.Attach(attached);
        else await mediators!.SignAsync(builder, cancellationToken);
        var state = options.Target.StateFolder(parsed);
        var maxBytes = parsed.GetRequiredValue(options.MaxBytes);
        return [(await AddAsync(state, builder, output, maxBytes, terminal.Time, cancellationToken)).Head];
    }

    private static async Task<Envelope> MakeAsync(
        Terminal terminal,
        ParseResult parsed,
        SignOptions options,
        NegotiationDocument document,
        MediatorSigners mediators,
        EnvelopeOutput output,
        CancellationToken cancellationToken)
    {
        var name = Required(parsed, options.From, "Name the sending delegation, e.g. --from us.");
        var id = new StreamId(document.Negotiation, name, parsed.GetRequiredValue(options.Lane) == "urgent" ? Lane.Urgent : Lane.Normal);
        DocumentFile.Require(document, name);
        var state = options.Target.StateFolder(parsed);
        var statement = await StatementAsync(terminal, parsed, options, id, cancellationToken);
        // What the sender has listened to: the relay, and whoever gets this, can then tell whether everybody was shown the same ledger.
        using var sender = LocalDelegation.LoadOrCreate(state, id.Sender);
        DelegationKeys.CheckIdentity(document, sender);
        using var seen = await SeenLedger.ReadAsync(terminal, parsed, options, document, sender, cancellationToken);
        using var held = await StreamFile.LockAsync(state, id, terminal.Time, cancellationToken);
        var stream = StreamFile.Read(state, id);
        var signing = new StreamSigning(terminal, document, stream, seen, mediators, parsed.GetRequiredValue(options.MaxBytes));
        Envelope envelope;
        if (parsed.GetValue(options.Again) is { } again)
        {
            using var word = RelayWord.TryOpen(parsed, options.Target, options.Ledger, id, terminal.Time);
            var named = parsed.GetValue(options.Mediators) is { Length: > 0 };
            if (statement is { Audience.Count: 0 }) statement = statement with { Audience = stream.Find(again)?.Head.Audience ?? [] };
            envelope = await signing.AgainAsync(
                again, statement, parsed.GetRequiredValue(options.Lifetime), named, word, cancellationToken);
        }
        else
        {
            envelope = await signing.NextAsync(statement!, cancellationToken);
        }

        await seen.KeepAsync(cancellationToken);
        await output.WriteAsync(
            envelope.Wire,
            $"{envelope.Id} is made and counted. Get it again with: {Suggest.Again(stream, envelope.Id.Sequence)}",
            cancellationToken);
        return envelope;
    }

    // Mediators add theirs to what another made; where the maker's copy is kept here, it gets them too.
    private static async Task<Envelope> AddAsync(
        string state, EnvelopeBuilder builder, EnvelopeOutput output, int maxBytes, TimeProvider time, CancellationToken cancellationToken)
    {
        var wire = builder.ToWire();
        EnvelopeSize.CheckEnvelope(wire.Length, maxBytes);
        if (!Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out var fault, out var detail))
        {
            throw new CliFault($"The envelope would be refused ({fault}).", detail);
        }
        if (StreamFile.Read(state, envelope.Id.Stream).Find(envelope.Id.Sequence) is not null)
        {
            using var held = await StreamFile.LockAsync(state, envelope.Id.Stream, time, cancellationToken);
            var stream = StreamFile.Read(state, envelope.Id.Stream);
            if (stream.Find(envelope.Id.Sequence)?.Digest == envelope.Digest) stream.Keep(envelope);
        }

        await output.WriteAsync(envelope.Wire, "The signatures were made.", cancellationToken);
        return envelope;
    }

    // Null when nothing is said, which --again takes for the same as before.
    private static async Task<OutgoingStatement?> StatementAsync(
        Terminal terminal, ParseResult parsed, SignOptions options, StreamId id, CancellationToken cancellationToken)
    {
        var again = parsed.GetValue(options.Again) is not null;
        if (again && parsed.GetValue(options.Text) is null && parsed.GetValue(options.File) is null) return null;
        return new OutgoingStatement
        {
            Audience = parsed.GetValue(options.To) is { Length: > 0 } named
                ? named
                : again
                ? []
                : throw new CliFault("There is no addressee.", "Name one or more, e.g. --to iran."),
            ContentType = parsed.GetRequiredValue(options.ContentType),
            Body = await Content.ReadAsync(terminal, parsed, options, cancellationToken),
            Lane = id.Lane,
            Lifetime = parsed.GetRequiredValue(options.Lifetime),
            NotBefore = parsed.GetValue(options.NotBefore),
        };
    }

    private static async Task<Envelope> ReadEnvelopeAsync(FileInfo file, CancellationToken cancellationToken) =>
        Envelope.TryParse(
            await EnvelopeFile.ReadAsync(file, cancellationToken), EnvelopeLimits.Default, out var envelope, out var fault, out var detail)
            ? envelope
            : throw new CliFault($"{file.Name} is not an envelope ({fault}).", detail);

    private static string Required(ParseResult parsed, Option<string?> option, string fix) =>
        parsed.GetValue(option) ?? throw new CliFault($"{option.Name} is missing.", fix);
}

using System.CommandLine;
using System.Text;
using Azure.Security.KeyVault.Keys;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Client.Delegations;
using Relay.Client.KeyVault;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay sign</c>: makes an envelope (a delegation seals, mediators sign), or adds mediators' signatures to one.</summary>
internal static class SignCommand
{
    public static Command Create(Terminal terminal)
    {
        var options = new SignOptions();
        var command = new Command("sign", "Make an envelope: seal a text or file as a delegation and have mediators sign it with their vault keys.");
        foreach (var option in options.All)
        {
            command.Add(option);
        }

        command.TakeOnlyWithout(options.Add, options.OfANewEnvelope);
        command.TakeOnlyWithout(options.Text, options.File);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var state = options.Target.StateFolder(parsed);
            var document = await DocumentFile.ReadAsync(state, parsed.GetRequiredValue(options.Negotiation), cancellationToken);
            var vault = options.Target.OpenVault(parsed, terminal.Time);
            var add = parsed.GetValue(options.Add);
            StreamFile? stream = null;
            EnvelopeBuilder builder;
            if (add is not null)
            {
                builder = new EnvelopeBuilder(await ReadEnvelopeAsync(add, cancellationToken));
            }
            else
            {
                var sender = Required(parsed, options.From, "Name the sending delegation, e.g. --from us.");
                var id = new StreamId(document.Negotiation, sender, parsed.GetRequiredValue(options.Lane) == "urgent" ? Lane.Urgent : Lane.Normal);
                stream = StreamFile.Read(state, id);
                builder = new EnvelopeBuilder(await SealAsync(parsed, options, state, document, id, stream, terminal.Time, cancellationToken));
            }

            foreach (var name in parsed.GetValue(options.Mediators) is { Length: > 0 } named ? named : [.. document.Mediators.Keys])
            {
                await builder.SignAsync(await SignerAsync(document, vault, name, cancellationToken), cancellationToken);
            }

            await WriteAsync(terminal, parsed.GetValue(options.Out), builder.ToWire(), cancellationToken);
            stream?.Advance(builder.Payload);
            terminal.Notes.Say($"{builder.Payload.Id}: digest {builder.Payload.Digest}");
            return 0;
        });
        return command;
    }

    private static async Task<EnvelopePayload> SealAsync(
        ParseResult parsed, SignOptions options, string state, NegotiationDocument document, StreamId id, StreamFile stream, TimeProvider time, CancellationToken cancellationToken)
    {
        var statement = new OutgoingStatement
        {
            Audience = parsed.GetValue(options.To) is { Length: > 0 } named ? named : throw new CliFault("There is no addressee.", "Name one or more, e.g. --to iran."),
            ContentType = parsed.GetRequiredValue(options.ContentType),
            Body = await BodyAsync(parsed, options, cancellationToken),
            Lane = id.Lane,
            Lifetime = parsed.GetRequiredValue(options.Lifetime),
            NotBefore = parsed.GetValue(options.NotBefore),
        };
        // What the sender has listened to: the relay, and whoever gets this, can then tell whether everybody was shown the same ledger.
        var view = InboxFile.View(state, id.Sender, document.Negotiation, $"{parsed.GetRequiredValue(options.Ledger.RelayName)}/{document.Negotiation}");
        using var sender = LocalDelegation.LoadOrCreate(state, id.Sender);
        using var identity = new LocalSigner(sender.Identity);
        try
        {
            return await new Sealer(document, id.Sender, identity, view, time).SealAsync(statement, stream.Position, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            throw new CliFault(exception.Message, $"The delegations of {document.Negotiation} are {string.Join(", ", document.Delegations.Keys)}.", exception);
        }
    }

    private static async Task<byte[]> BodyAsync(ParseResult parsed, SignOptions options, CancellationToken cancellationToken) =>
        (parsed.GetValue(options.Text), parsed.GetValue(options.File)) switch
        {
            ({ } text, null) => Encoding.UTF8.GetBytes(text),
            (null, { Exists: true } file) => await File.ReadAllBytesAsync(file.FullName, cancellationToken),
            (null, { } file) => throw new CliFault($"{file.FullName} is not there.", "Give the path of the content."),
            (null, null) => throw new CliFault("There is nothing to seal.", "Give the content with --text or --file."),
            _ => throw new CliFault("Both --text and --file are given.", "Give one of them."),
        };

    private static async Task<IJwsSigner> SignerAsync(NegotiationDocument document, KeyClient vault, string mediator, CancellationToken cancellationToken)
    {
        if (!document.Mediators.TryGetValue(mediator, out var entry))
        {
            throw new CliFault($"{mediator} is no mediator of {document.Negotiation}.", $"Its mediators are {string.Join(", ", document.Mediators.Keys)}.");
        }

        return await KeyVaultEnvelopeSigner.CreateAsync(vault, new Uri(entry.Key).Segments[^1], cancellationToken);
    }

    private static async Task<Envelope> ReadEnvelopeAsync(FileInfo file, CancellationToken cancellationToken) =>
        Envelope.TryParse(await EnvelopeFile.ReadAsync(file, cancellationToken), EnvelopeLimits.Default, out var envelope, out var fault, out var detail)
            ? envelope
            : throw new CliFault($"{file.Name} is not an envelope ({fault}).", detail);

    private static async Task WriteAsync(Terminal terminal, FileInfo? file, byte[] wire, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            await terminal.Raw.WriteAsync(wire, cancellationToken);
            await terminal.Raw.FlushAsync(cancellationToken);
        }
        else
        {
            await File.WriteAllBytesAsync(file.FullName, wire, cancellationToken);
        }
    }

    private static string Required(ParseResult parsed, Option<string?> option, string fix) =>
        parsed.GetValue(option) ?? throw new CliFault($"{option.Name} is missing.", fix);
}

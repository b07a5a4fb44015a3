using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Client.Mediators;
using Relay.Protocol.Envelopes;
using Spectre.Console;

namespace Relay.Cli.Commands;

/// <summary><c>relay submit</c>: hands a signed envelope to the relay.</summary>
internal static class SubmitCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var file = new Argument<FileInfo>("envelope") { CustomParser = FileValues.Input("Make one with 'relay sign ... --out envelope.json'."), Description = "File with the envelope, as 'relay sign' writes it." };
        var http = new Option<bool>("--http") { Description = "Submit over HTTP instead of the queue." };
        var command = new Command("submit", "Submit a signed envelope: onto its lane's queue, or over HTTP.") { file, http, target.ServiceBus, target.Http, target.State };
        command.TakeOnlyWith(http, target.Http);
        command.TakeOnlyWithout(http, target.ServiceBus);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var wire = await EnvelopeFile.ReadAsync(parsed.GetRequiredValue(file), cancellationToken);
            if (!Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out var fault, out var detail))
            {
                throw new CliFault($"{parsed.GetRequiredValue(file).Name} is not an envelope ({fault}).", detail);
            }

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

            return 0;
        });
        return command;
    }
}

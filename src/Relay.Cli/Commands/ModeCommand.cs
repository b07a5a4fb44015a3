using System.CommandLine;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Relay.Cli.Parsing;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Commands;

/// <summary><c>relay mode</c>: whether a negotiation takes envelopes, as an operator sees and sets it.</summary>
internal static class ModeCommand
{
    public static Command Create(Terminal terminal) =>
        new("mode", "Show or set whether a negotiation takes envelopes: open, read-only or closed. For operators of the relay.")
    {
        Get(terminal), Set(terminal),
    };

    private static Command Get(Terminal terminal)
    {
        var (target, ledger) = (new TargetOptions(), new LedgerTarget());
        var command = new Command("get", "Say in which mode a negotiation is, and who says so.")
        {
            target.Negotiation, ledger.ClientCertificate, target.Http, target.State,
        };
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var relay = ledger.OpenAsOperator(parsed, target, terminal.Time);
            using var answer = await relay.GetAsync(Route(parsed, target), cancellationToken);
            return await PrintAsync(terminal, parsed.GetRequiredValue(target.Negotiation), answer, cancellationToken);
        });
        return command;
    }

    private static Command Set(Terminal terminal)
    {
        var (target, ledger) = (new TargetOptions(), new LedgerTarget());
        var mode = new Argument<string>("mode")
        {
            Description = "open; read-only: envelopes wait on the queue and over HTTP are answered 503, what can be read still can; "
                + "closed: they are refused.",
        };
        mode.AcceptOnlyFromAmong([.. Enum.GetValues<NegotiationMode>().Select(known => known.ToText())]);
        var command = new Command("set", "Put a mode in force, for every worker at once: it becomes an entry of the ledger.")
        {
            mode, target.Negotiation, ledger.ClientCertificate, target.Http, target.State,
        };
        command.TakeOnlyWith(target.Http, ledger.ClientCertificate);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var relay = ledger.OpenAsOperator(parsed, target, terminal.Time);
            using var answer = await relay.PutAsJsonAsync(
                Route(parsed, target), new { mode = parsed.GetRequiredValue(mode) }, cancellationToken);
            return await PrintAsync(terminal, parsed.GetRequiredValue(target.Negotiation), answer, cancellationToken);
        });
        return command;
    }

    private static string Route(ParseResult parsed, TargetOptions target) =>
        $"api/negotiations/{parsed.GetRequiredValue(target.Negotiation)}/mode";

    private static async Task<int> PrintAsync(
        Terminal terminal, string negotiation, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var body = await ReadAsync(answer, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            throw new CliFault(
                $"The relay does not say or set it ({(int)answer.StatusCode}): {Text(body, "detail")}.", FixOf(answer.StatusCode));
        }

        var entry = body.TryGetProperty("index", out var index) ? $", by entry {index} of its ledger" : "";
        var says = $"(operator: {Text(body, "operator")}, document: {Text(body, "document")})";
        terminal.Out.Say($"{negotiation} is {Text(body, "mode")}{entry} {says}.");
        return ExitCode.Good;
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string Text(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "no word of why";

    private static string FixOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            "Show the certificate of an operator (--client-certificate), one that the setting Relay:Operators:Certificates names.",
        HttpStatusCode.NotFound => "Name a negotiation that the relay's directory has a document of (--negotiation).",
        _ => "Try again, or look at the relay's log.",
    };
}

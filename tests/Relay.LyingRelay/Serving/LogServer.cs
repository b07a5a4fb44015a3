using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Lies;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.LyingRelay.Serving;

/// <summary>
/// The routes that readers use, on a port of this machine for each party, so that a liar knows who asks. One telling after the other.
/// </summary>
internal sealed class LogServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<int, string> _parties = [];
    private volatile Telling? _telling;

    private LogServer(WebApplication app)
    {
        _app = app;
        app.MapGet("/api/negotiations/{negotiation}/{**path}", AnswerLedgerAsync);
        app.MapPost("/api/acknowledgements", AcknowledgeAsync);
        app.MapGet("/api/envelopes/{negotiation}/{sender}/{lane}/{sequence}/{receipt?}", AnswerEnvelopeAsync);
    }

    public static async Task<LogServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls([.. Company.Parties.Select(_ => "http://127.0.0.1:0")]);
        var server = new LogServer(builder.Build());
        await server._app.StartAsync();
        foreach (var (url, party) in server._app.Urls.Zip(Company.Parties)) server._parties[new Uri(url).Port] = party;
        return server;
    }

    /// <summary>Whose lies are told from now on.</summary>
    public void Tell(Telling telling) => _telling = telling;

    public Uri UrlOf(string party) =>
        new($"http://127.0.0.1:{_parties.Single(pair => pair.Value == party).Key.ToString(CultureInfo.InvariantCulture)}/");

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task AnswerLedgerAsync(HttpContext context, string negotiation, string path)
    {
        var party = PartyOf(context);
        Ask? ask = negotiation != Company.Negotiation ? null : path switch
        {
            "checkpoint" => new Ask(party, AskKind.Checkpoint),
            "consistency" => new Ask(party, AskKind.Consistency) { From = Size(context, "from"), To = Size(context, "to") },
            _ when TileId.TryParse(path, out var tile) =>
                new Ask(party, tile.Level == TileId.EntriesLevel ? AskKind.Bundle : AskKind.Tile) { Tile = tile },
            _ when path.StartsWith("certificate/", StringComparison.Ordinal)
                && uint.TryParse(path["certificate/".Length..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) =>
                new Ask(party, AskKind.Certificate) { KeyId = id },
            _ when path.StartsWith("policies/", StringComparison.Ordinal) && Digest.TryParse(path["policies/".Length..], out var digest) =>
                new Ask(party, AskKind.Policy) { Policy = digest },
            _ => null,
        };
        return AnswerAsync(context, ask);
    }

    private Task AnswerEnvelopeAsync(
        HttpContext context, string negotiation, string sender, string lane, string sequence, string? receipt)
    {
        if (!EnvelopeId.TryParse($"{negotiation}/{sender}/{lane}/{sequence}", out var id)) return AnswerAsync(context, null);
        var kind = receipt is null ? AskKind.Status : AskKind.Receipt;
        return AnswerAsync(context, new Ask(PartyOf(context), kind) { Id = id });
    }

    private async Task AcknowledgeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var answer = _telling is { Lie.Acknowledge: { } acknowledge } telling
            && Acknowledgement.TryParse(body.ToArray(), out var said, out _, out _)
                ? await acknowledge(telling, said)
                : Answer.NotThere;
        context.Response.StatusCode = answer.Status;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private async Task AnswerAsync(HttpContext context, Ask? ask)
    {
        var answer = ask is null || _telling is not { } telling ? Answer.NotThere : await LedgerAnswers.AnswerAsync(telling, ask);
        context.Response.StatusCode = answer.Status;
        if (answer.CheckpointKey is { } key) context.Response.Headers["Relay-Checkpoint-Key"] = key;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private string PartyOf(HttpContext context) => _parties[context.Connection.LocalPort];

    private static long Size(HttpContext context, string name) =>
        long.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : -1;
}

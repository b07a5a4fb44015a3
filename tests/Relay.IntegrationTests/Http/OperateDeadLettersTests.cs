using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using Relay.Azure.Ledger;
using Relay.DeadLetters;
using Relay.Local;
using Relay.Testing;

namespace Relay.IntegrationTests.Http;

/// <summary>Dead letters over HTTP, through the genuine host and worker: seen, put back, there again, dropped.</summary>
[Collection(RelayedEnvelope.Collection)]
public sealed class OperateDeadLettersTests(RelayedEnvelope relayed) : IDisposable
{
    private const string Garbage = "?reason=not-json&lane=normal";

    private readonly HttpClient _operator = LocalCertificates.OpenClient(
        relayed.Stack.Endpoints, LocalCertificates.Operator(relayed.StateFolder, TimeProvider.System));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _operator.Dispose();

    [Fact]
    public async Task DeadLetter_SeenPutBackAndDropped_StandsInTheLogThatTheCommandHas()
    {
        await using var sender = relayed.Bus.CreateSender("envelopes");
        await sender.SendMessageAsync(new ServiceBusMessage("garbage"u8.ToArray()), Token);
        await UntilAsync(count => count == 1);
        var shown = (await GetAsync("dead-letters" + Garbage + "&count=9"))["messages"]!.AsArray().Single()!;
        Assert.Equal((7, false), ((int)shown["size"]!, (bool)shown["redriven"]!));

        var redriven = await PostAsync("redrive", "{\"reason\":\"not-json\"}");
        Assert.Equal(("complete", 1), ((string)redriven["status"]!, (int)redriven["done"]!));
        // It is no better than before, so it comes again, and bears that it was put back.
        await UntilAsync(count => count == 1);
        shown = (await GetAsync("dead-letters" + Garbage + "&count=9"))["messages"]!.AsArray().Single()!;
        Assert.True((bool)shown["redriven"]!);
        Assert.Equal("complete", (string?)(await PostAsync("drop", "{\"reason\":\"not-json\",\"because\":\"a test\"}"))["status"]);
        await UntilAsync(count => count == 0);

        var log = await OperatorLog.ReadAsync(
            LedgerStores.OpenFolder(Path.Combine(relayed.StateFolder, "operators"), TimeProvider.System), Token);
        var told = await GetAsync("dead-letters/log");
        Assert.Equal((6, log.Head?.ToString()), (log.Entries.Count, (string?)told["head"]));
        using var member = await relayed.Member.GetAsync(new Uri("api/dead-letters", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.Forbidden, member.StatusCode);
    }

    private async Task UntilAsync(Func<int, bool> isSo)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!isSo((int)(await GetAsync("dead-letters" + Garbage))["count"]!))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TestDeadline.Default, "the dead letters never were as many");
        }
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        using var answer = await _operator.GetAsync(new Uri("api/" + path, UriKind.Relative), Token);
        return await ReadAsync(answer);
    }

    private async Task<JsonNode> PostAsync(string act, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _operator.PostAsync(new Uri("api/dead-letters/" + act, UriKind.Relative), content, Token);
        return await ReadAsync(answer);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}

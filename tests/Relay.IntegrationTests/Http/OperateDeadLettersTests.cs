using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using Relay.Azure.Ledger;
using Relay.DeadLetters;
using Relay.Local;
using Relay.Protocol.Envelopes;
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
        var before = (int)(await GetAsync("dead-letters/log"))["size"]!;
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
        Assert.Equal((before + 6, log.Head?.ToString()), (log.Entries.Count, (string?)told["head"]));
        using var member = await relayed.Member.GetAsync(new Uri("api/dead-letters", UriKind.Relative), Token);
        Assert.Equal(HttpStatusCode.Forbidden, member.StatusCode);
    }

    [Fact]
    public async Task DeadLetter_OfADelegationsSubscription_IsPutBackForItsRecipientAsItWas()
    {
        const string Inbox = "?topic=delegation-iran&reason=key-lost";
        await using var inbox = relayed.Bus.CreateReceiver("delegation-iran", "inbox");
        var first = await ReceiveAsync(inbox);
        await inbox.DeadLetterMessageAsync(
            first, new Dictionary<string, object> { ["note"] = "the recipient's" }, "key-lost", "until it was found", Token);
        var list = await GetAsync("dead-letters" + Inbox + "&count=9");
        var shown = list["messages"]!.AsArray().Single()!;
        var id = (string?)first.ApplicationProperties[ForwardedProperties.Id];
        Assert.Equal((id, "normal", "until it was found"), ((string?)shown["id"], (string?)shown["lane"], (string?)shown["description"]));
        // Those of the queues are others, and say where to look for these.
        var queues = await GetAsync("dead-letters?reason=key-lost");
        Assert.Equal(0, (int)queues["count"]!);
        Assert.Contains("delegation-iran", queues["topics"]!.AsArray().Select(static topic => (string?)topic));

        var redriven = await PostAsync("redrive", "{\"topic\":\"delegation-iran\",\"reason\":\"key-lost\"}");
        Assert.Equal(("complete", 1), ((string)redriven["status"]!, (int)redriven["done"]!));
        // Within the topic's memory of message ids, which knows the first one.
        var again = await ReceiveAsync(inbox);
        Assert.NotEqual(first.MessageId, again.MessageId);
        Assert.Equal(first.SessionId, again.SessionId);
        foreach (var name in (string[])[ForwardedProperties.Id, ForwardedProperties.Index, ForwardedProperties.Receipt])
        {
            Assert.Equal(first.ApplicationProperties[name], again.ApplicationProperties[name]);
        }
        Assert.False(again.ApplicationProperties.ContainsKey("note"));
        Assert.Equal(0, (int)(await GetAsync("dead-letters" + Inbox))["count"]!);
        var log = await GetAsync("dead-letters/log");
        Assert.Contains(log["entries"]!.AsArray(), entry => (string?)entry!["run"] == (string?)redriven["run"]
            && (string?)entry["filter"] == "reason=key-lost topic=delegation-iran subscription=inbox");

        await inbox.DeadLetterMessageAsync(again, "key-lost", cancellationToken: Token);
        var dropped = await PostAsync("drop", "{\"topic\":\"delegation-iran\",\"reason\":\"key-lost\",\"because\":\"a test\"}");
        Assert.Equal(("complete", 1), ((string)dropped["status"]!, (int)dropped["done"]!));
        Assert.Equal(0, (int)(await GetAsync("dead-letters" + Inbox))["count"]!);
        using var none = await _operator.GetAsync(new Uri("api/dead-letters?topic=delegation-atlantis", UriKind.Relative), Token);
        Assert.Contains("urn:relay:subscription-not-found", await none.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    // Others may have had something sent to this delegation.
    private async Task<ServiceBusReceivedMessage> ReceiveAsync(ServiceBusReceiver inbox)
    {
        while (true)
        {
            var message = await TestDeadline.Within(inbox.ReceiveMessageAsync(TestDeadline.Default, Token));
            Assert.NotNull(message);
            if (message.Body.ToArray().AsSpan().SequenceEqual(relayed.Logged)) return message;
            await inbox.CompleteMessageAsync(message, Token);
        }
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

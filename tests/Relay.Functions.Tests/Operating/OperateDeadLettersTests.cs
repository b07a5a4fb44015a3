using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Core.Directory;
using Relay.Core.Tests;
using Relay.DeadLetters;
using Relay.Functions.Operating;
using Relay.Functions.Tests.Http;
using Relay.Functions.Tests.Reading;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.Functions.Tests.Operating;

/// <summary>Dead letters as operators have them over HTTP.</summary>
public sealed class OperateDeadLettersTests : IAsyncLifetime
{
    private const string Bad = "{\"reason\":\"bad\"}";

    private static readonly DeadLetterSource Inbox =
        DeadLetterSource.TryOfTopic("delegation-iran", null, out var inbox) ? inbox : throw new InvalidOperationException();

    private readonly ReadingFixture _fixture = new();
    private AppUnderTest _app = null!;

    public async ValueTask InitializeAsync()
    {
        for (var sequence = 5; sequence > 0; sequence--) Add("us", sequence, "bad");
        Add("iran", 1, "bad", Lane.Urgent);
        Add("us", 6, "worse");
        _fixture.DeadLetters.Add(null, "not-json", "garbage"u8.ToArray());
        var receipt = new Dictionary<string, object> { [ForwardedProperties.Receipt] = "a receipt" };
        _fixture.DeadLetters.Add(
            new EnvelopeId(TestNegotiation.Name, "us", Lane.Normal, 9), "key-lost", "us/9"u8.ToArray(),
            subscription: Inbox, label: ForwardedLabel.Of(null, receipt));
        _app = await AppUnderTest.StartAsync(_fixture);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Theory]
    [InlineData("", "bad/iran/urgent 1, bad/us/normal 5, not-json//normal 1, worse/us/normal 1")]
    [InlineData("?reason=bad", "bad/iran/urgent 1, bad/us/normal 5")]
    [InlineData("?negotiation=doha-2026&sender=us", "bad/us/normal 5, worse/us/normal 1")]
    [InlineData("?lane=urgent", "bad/iran/urgent 1")]
    [InlineData("?since=1000007&before=1000008", "worse/us/normal 1")]
    [InlineData("?number=8", "not-json//normal 1")]
    [InlineData("?negotiation=geneva", "")]
    [InlineData("?topic=delegation-iran", "key-lost/us/normal 1")]
    [InlineData("?topic=delegation-iran&subscription=inbox&lane=normal&sender=us", "key-lost/us/normal 1")]
    [InlineData("?topic=delegation-iran&lane=urgent", "")]
    [InlineData("?topic=delegation-iran&subscription=second", "")]
    public async Task List_OfAChoice_CountsByReasonSenderAndLane(string query, string expected)
    {
        var list = await GetAsync("dead-letters" + query);
        var groups = list["groups"]!.AsArray().Select(
            group => $"{group!["reason"]}/{group["sender"]}/{group["lane"]} {group["count"]}").ToList();
        Assert.Equal(expected, string.Join(", ", groups));
        Assert.Null(list["messages"]);
        Assert.Equal(list["groups"]!.AsArray().Sum(group => (int)group!["count"]!), (int)list["count"]!);
    }

    // Each is asked for in its turn; one negotiation's or everybody's, and none where they are too many to ask for.
    [Fact]
    public async Task List_OfTheQueues_NamesTheDelegationsTopicsThatAreOthers()
    {
        const string All = "[\"delegation-iran\",\"delegation-oslo\",\"delegation-us\"]";
        Assert.Equal(All, await TopicsAsync("?negotiation=doha-2026"));
        Assert.Equal("[]", await TopicsAsync("?negotiation=geneva"));
        Assert.Equal("", await TopicsAsync("?topic=delegation-iran"));
        // More than would be listed, or a directory that cannot be read.
        Assert.Equal("", await TopicsAsync(""));
        _fixture.Source.Listed = new HashSet<string> { TestNegotiation.Name, "geneva" };
        Assert.Equal(All, await TopicsAsync(""));
        _fixture.Source.Answer = static (_, _) => new(DirectoryReadStatus.Unavailable, default, null);
        Assert.Equal("", await TopicsAsync(""));
        Assert.Equal(8, (int)(await GetAsync("dead-letters"))["count"]!);
        _fixture.Source.Answer = static (_, _) => FakeDirectorySource.Found(Crowded(DeadLetterTopics.Most + 1));
        Assert.Equal("", await TopicsAsync("?negotiation=doha-2026"));
    }

    private static byte[] Crowded(int delegations)
    {
        var document = JsonNode.Parse(TestNegotiation.Document())!;
        for (var i = document["delegations"]!.AsObject().Count; i < delegations; i++)
        {
            document["delegations"]![$"silent-{i}"] = new JsonObject { ["topic"] = $"delegation-silent-{i}" };
        }

        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    private async Task<string> TopicsAsync(string query) => (await GetAsync("dead-letters" + query))["topics"]?.ToJsonString() ?? "";

    [Theory]
    [InlineData("?lane=fast")]
    [InlineData("?negotiation=Doha")]
    [InlineData("?since=yesterday")]
    [InlineData("?before=253402300800000")]
    [InlineData("?number=-1")]
    [InlineData("?count=some")]
    [InlineData("?topic=signals")]
    [InlineData("?topic=envelopes")]
    [InlineData("?topic=delegation-iran&subscription=In/box")]
    [InlineData("?subscription=inbox")]
    [InlineData("?count=1001")]
    [InlineData("/log?from=-1")]
    public async Task Query_ThatIsNone_Is400WithWhatWasExpected(string query)
    {
        using var answer = await _app.SendAsync(HttpMethod.Get, "/api/dead-letters" + query);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.StartsWith("expected", (string?)(await BodyAsync(answer))["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_OfAChoice_SaysWhatEachIs()
    {
        var all = (await GetAsync("dead-letters?sender=us&count=2"))["messages"]!.AsArray();
        Assert.Equal(["doha-2026/us/normal/5", "doha-2026/us/normal/4"], all.Select(message => (string?)message!["id"]));
        var none = (await GetAsync("dead-letters?reason=not-json&count=20"))["messages"]!.AsArray().Single()!;
        Assert.Null(none["id"]);
        Assert.Equal((8L, "normal", 7, false), ((long)none["number"]!, (string)none["lane"]!, (int)none["size"]!, (bool)none["redriven"]!));
        Assert.Empty(_fixture.ToldHeads);
    }

    [Fact]
    public async Task Redrive_DryAndThenReally_PutsThemBackInOrderAndStandsInTheLog()
    {
        var dry = await PostAsync("redrive", "{\"reason\":\"bad\",\"dryRun\":true}");
        Assert.Equal(("dry-run", 6, 6), ((string)dry["status"]!, (int)dry["remaining"]!, dry["sample"]!.AsArray().Count));
        Assert.Empty(_fixture.DeadLetters.Sent);
        Assert.Empty(_fixture.ToldHeads);

        var done = await PostAsync("redrive", Bad);
        Assert.Equal(("complete", 6, 0, 0), ((string)done["status"]!, (int)done["done"]!, (int)done["remaining"]!, (int)done["left"]!));
        Assert.Equal(["iran/1", "us/1", "us/2", "us/3", "us/4", "us/5"], SentBack());
        Assert.Equal(3, _fixture.DeadLetters.Letters.Count());
        // Each act is in the log with who it was, and where it stands was told.
        var log = await GetAsync("dead-letters/log");
        var entries = log["entries"]!.AsArray();
        Assert.Equal(
            ["redrive-begin", "redrive-batch", "redrive-batch", "redrive-end"], entries.Select(entry => (string?)entry!["act"]));
        var pin = Convert.ToHexStringLower(ReadingFixture.HashOf(_fixture.Operator))[..16];
        Assert.All(entries, entry => Assert.Equal(
            ($"operator {pin} over HTTP", (string?)done["run"]), ((string?)entry!["by"], (string?)entry["run"])));
        Assert.Equal(2, _fixture.ToldHeads.Count);
        Assert.Equal((string?)log["head"], _fixture.ToldHeads.Last().ToString());
    }

    [Fact]
    public async Task Redrive_WhoseTimeIsOver_IsGoneOnWithByTheSameCall()
    {
        const string Slowly = "{\"sender\":\"us\",\"reason\":\"bad\",\"rate\":1,\"seconds\":1}";
        for (var call = 1; call <= 2; call++)
        {
            var calling = SendAsync("redrive", Slowly);
            await TestDeadline.Until(() => _fixture.DeadLetters.Sent.Count == call, "the first of this call");
            await TestDeadline.Until(() => _fixture.Time.ArmedTimers == 2, "the pause of the rate");
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            using var answer = await TestDeadline.Within(calling);
            var more = await BodyAsync(answer);
            Assert.Equal(("more", 1, 5 - call), ((string)more["status"]!, (int)more["done"]!, (int)more["remaining"]!));
        }

        var rest = await PostAsync("redrive", "{\"sender\":\"us\",\"reason\":\"bad\"}");
        Assert.Equal(("complete", 3), ((string)rest["status"]!, (int)rest["done"]!));
        Assert.Equal(["us/1", "us/2", "us/3", "us/4", "us/5"], SentBack());
    }

    /// <summary>Among very many, looking through them takes longer than a call may work: it gets on all the same.</summary>
    [Fact]
    public async Task Redrive_WhoseLookTakesLongerThanItsTime_PutsSomeBack()
    {
        _fixture.DeadLetters.BeforePeek = () => _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        var done = await PostAsync("redrive", "{\"sender\":\"us\",\"reason\":\"bad\",\"seconds\":1}");
        Assert.Equal(5, (int)done["done"]!);
        Assert.Equal(["us/1", "us/2", "us/3", "us/4", "us/5"], SentBack());
    }

    [Fact]
    public async Task Redrive_WhileSomebodyElseActs_Is409AndGoesOnLater()
    {
        var first = SendAsync("redrive", "{\"sender\":\"us\",\"reason\":\"bad\",\"rate\":1}");
        await TestDeadline.Until(() => _fixture.DeadLetters.Sent.Count == 1 && _fixture.Time.ArmedTimers == 2, "the pause of the rate");
        // Without the clock's going on.
        using (var other = await SendAsync("drop", "{\"reason\":\"worse\",\"because\":\"made up\"}"))
        {
            Assert.Equal("complete", (string?)(await BodyAsync(other))["status"]);
        }

        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        using var refused = await TestDeadline.Within(first);
        Assert.Equal(
            (HttpStatusCode.Conflict, "urn:relay:dead-letters-busy"),
            (refused.StatusCode, (string?)(await BodyAsync(refused))["type"]));
        var rest = await PostAsync("redrive", Bad);
        Assert.Equal("complete", (string?)rest["status"]);
        Assert.Equal(["iran/1", "us/1", "us/2", "us/3", "us/4", "us/5"], SentBack().Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Drop_OfAChoice_RemovesItForGoodAndSaysWhy()
    {
        Assert.Equal(1, (int)(await PostAsync("drop", "{\"reason\":\"not-json\",\"dryRun\":true}"))["remaining"]!);
        var dropped = await PostAsync("drop", "{\"reason\":\"not-json\",\"because\":\"no envelope\"}");
        Assert.Equal(("complete", 1), ((string)dropped["status"]!, (int)dropped["done"]!));
        Assert.DoesNotContain(_fixture.DeadLetters.Letters, message => message.Letter.Reason == "not-json");
        var entries = (await GetAsync("dead-letters/log"))["entries"]!.AsArray();
        Assert.Equal("reason=not-json no envelope", $"{entries[0]!["filter"]} {entries[0]!["because"]}");
        await PostAsync("drop", "{\"all\":true,\"because\":\"the end\"}");
        Assert.Equal(Inbox, Assert.Single(_fixture.DeadLetters.Letters).Letter.Key.Source);
        await PostAsync("drop", "{\"topic\":\"delegation-iran\",\"all\":true,\"because\":\"the end\"}");
        Assert.Empty(_fixture.DeadLetters.Letters);
    }

    [Fact]
    public async Task Redrive_OfATopic_SendsThereWithTheReceiptAndLeavesTheQueues()
    {
        var done = await PostAsync("redrive", "{\"topic\":\"delegation-iran\"}");
        Assert.Equal(("complete", 1), ((string)done["status"]!, (int)done["done"]!));
        var copy = Assert.Single(_fixture.DeadLetters.Sent);
        Assert.Equal((Inbox, "a receipt"), (copy.Marker.Origin.Source, copy.Label!.Properties[ForwardedProperties.Receipt]));
        Assert.Equal(8, _fixture.DeadLetters.Letters.Count());
        var begun = (await GetAsync("dead-letters/log"))["entries"]!.AsArray()[0]!;
        Assert.Equal("topic=delegation-iran subscription=inbox", (string?)begun["filter"]);
    }

    [Theory]
    [InlineData("drop", "{}")]
    [InlineData("drop", "{\"because\":\"none is named\"}")]
    [InlineData("drop", "{\"reason\":\"bad\"}")]
    [InlineData("drop", "{\"topic\":\"delegation-iran\",\"because\":\"x\"}")]
    [InlineData("redrive", "{\"topic\":\"signals\"}")]
    [InlineData("drop", "{\"reason\":\"bad\",\"because\":\"\"}")]
    [InlineData("drop", "{\"Reason\":\"bad\",\"because\":\"x\"}")]
    [InlineData("drop", "{\"reasons\":\"bad\",\"all\":true,\"because\":\"x\"}")]
    [InlineData("drop", "{\"reason\":\"bad\",\"reason\":\"worse\",\"because\":\"x\"}")]
    [InlineData("redrive", "{\"rate\":0}")]
    [InlineData("redrive", "{\"rate\":\"1\"}")]
    [InlineData("redrive", "{\"seconds\":61}")]
    [InlineData("redrive", "{\"lane\":\"\\ud800\"}")]
    [InlineData("redrive", "[]")]
    [InlineData("redrive", "null")]
    [InlineData("redrive", "{} {}")]
    public async Task Wish_ThatIsNone_Is400AndNothingIsDone(string act, string body)
    {
        using var answer = await SendAsync(act, body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.StartsWith("expected", (string?)(await BodyAsync(answer))["detail"], StringComparison.Ordinal);
        Assert.Equal(9, _fixture.DeadLetters.Letters.Count());
        Assert.Empty(_fixture.ToldHeads);
    }

    [Fact]
    public async Task Act_WithoutAPlaceForTheLogOrWithOneThatWasChanged_Is503AndNothingIsDone()
    {
        var log = _fixture.OperatorLog!;
        _fixture.OperatorLog = null;
        Assert.Equal("503 urn:relay:operator-log-missing", await RefusedAsync(Bad));
        Assert.Equal(8, (int)(await GetAsync("dead-letters"))["count"]!);
        _fixture.OperatorLog = log;
        await PostAsync("redrive", "{\"sender\":\"iran\"}");
        var name = "operator-log/000000000001";
        log.Set(name, null);
        Assert.Equal("503 urn:relay:operator-log-damaged", await RefusedAsync(Bad));
        Assert.Equal(["iran/1"], SentBack());
    }

    [Fact]
    public async Task Act_WhenTheBusIsCutOff_Is503AndTheSameCallGoesOn()
    {
        for (var call = 1; ; call++)
        {
            _fixture.DeadLetters.FailAt = _fixture.DeadLetters.Calls + call;
            using var answer = await PacedAsync("redrive", Bad);
            _fixture.DeadLetters.EndLocks();
            if (answer.StatusCode == HttpStatusCode.OK) break;
            Assert.Equal((HttpStatusCode.ServiceUnavailable, 5), (answer.StatusCode, answer.Headers.RetryAfter?.Delta?.TotalSeconds));
        }

        _fixture.DeadLetters.FailAt = 0;
        Assert.Equal("complete", (string?)(await PostAsync("redrive", Bad))["status"]);
        Assert.Equal(["iran/1", "us/1", "us/2", "us/3", "us/4", "us/5"], SentBack().Distinct().Order(StringComparer.Ordinal));
        Assert.DoesNotContain(_fixture.DeadLetters.Letters, message => message.Letter.Reason == "bad");
    }

    private void Add(string sender, long sequence, string reason, Lane lane = Lane.Normal) => _fixture.DeadLetters.Add(
        new EnvelopeId(TestNegotiation.Name, sender, lane, sequence), reason, Encoding.UTF8.GetBytes($"{sender}/{sequence}"));

    private List<string> SentBack() => [.. _fixture.DeadLetters.Sent.Select(copy => Encoding.UTF8.GetString(copy.Body.Span))];

    private async Task<JsonNode> GetAsync(string path)
    {
        using var answer = await _app.SendAsync(HttpMethod.Get, "/api/" + path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await BodyAsync(answer);
    }

    private async Task<JsonNode> PostAsync(string act, string body)
    {
        using var answer = await PacedAsync(act, body);
        var answered = await BodyAsync(answer);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, answered.ToJsonString());
        return answered;
    }

    // The clock goes on, by which the rate is kept.
    private async Task<HttpResponseMessage> PacedAsync(string act, string body)
    {
        var sending = SendAsync(act, body);
        await TestDeadline.Until(
            () =>
            {
                _fixture.Time.Advance(TimeSpan.FromMilliseconds(5));
                return sending.IsCompleted;
            },
            "the answer");
        return await sending;
    }

    private async Task<string> RefusedAsync(string body)
    {
        using var answer = await SendAsync("redrive", body);
        return $"{(int)answer.StatusCode} {(await BodyAsync(answer))["type"]}";
    }

    private Task<HttpResponseMessage> SendAsync(string act, string body) => _app.SendAsync(
        HttpMethod.Post,
        "/api/dead-letters/" + act,
        request => request.Content = new StringContent(body, Encoding.UTF8, "application/json"));

    private static async Task<JsonNode> BodyAsync(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
}

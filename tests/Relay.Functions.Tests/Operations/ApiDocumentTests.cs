using System.Net;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Relay.Core.Rulings;
using Relay.Functions.Operations;
using Relay.Functions.Tests.Http;
using Relay.Functions.Tests.Reading;

namespace Relay.Functions.Tests.Operations;

public sealed class ApiDocumentTests : IAsyncDisposable
{
    private readonly ReadingFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Document_Served_IsOpenApiOfEveryRouteAndOperation()
    {
        await using var app = await AppUnderTest.StartAsync(_fixture);
        using var answer = await app.SendAsync(HttpMethod.Get, "/api/openapi.json", caller: null);
        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var json = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var read = OpenApiDocument.Parse(json, "json");
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.StartsWith("3.1.", (string?)JsonNode.Parse(json)!["openapi"], StringComparison.Ordinal);

        // From the triggers themselves, not by the list that the document is made from.
        Assert.Equal(
            AppUnderTest.Functions.Select(function => "/" + function.Trigger.Route!.Replace("{*", "{", StringComparison.Ordinal)).Order(),
            read.Document!.Paths.Keys.Order());
        var operations = read.Document.Paths.Values.SelectMany(path => path.Operations!.Values).ToList();
        Assert.Equal(operations.Count, operations.Select(operation => operation.OperationId).Distinct().Count());
        foreach (var (route, path) in read.Document.Paths)
        {
            Assert.Equal(route.Count(character => character == '{'), path.Parameters?.Count ?? 0);
            foreach (var (method, operation) in path.Operations!)
            {
                Assert.True(operation.Responses!.Keys.Any(status => status[0] == '2'), $"{method} {route} declares no success");
                Assert.NotEmpty(operation.Summary!);
                if (method != HttpMethod.Get) Assert.NotEmpty(operation.RequestBody!.Content!);
            }
        }
    }

    [Fact]
    public async Task Shape_OfABody_IsAsItIsWritten()
    {
        var json = JsonNode.Parse(await ApiDocument.WriteAsync(HttpFunctions.All, TestContext.Current.CancellationToken))!;
        var status = json["components"]!["schemas"]!["EnvelopeStatus"]!;
        // What may be left out is not required, and is never null.
        Assert.Equal("""["id","status"]""", status["required"]!.ToJsonString());
        Assert.Equal("integer", (string?)status["properties"]!["index"]!["type"]);
        Assert.Equal("date-time", (string?)status["properties"]!["at"]!["format"]);
        Assert.Equal(
            "#/components/schemas/EnvelopeStatus",
            (string?)json["paths"]!["/envelopes/{negotiation}/{sender}/{lane}/{sequence}"]!["get"]!["responses"]!["200"]!["content"]![
                "application/json"]!["schema"]!["$ref"]);
    }

    // A verdict of the tables that may be an answer has its status declared, whether a test meets it or not.
    [Fact]
    public void Statuses_OfTheTables_AreDeclared()
    {
        // What only the queue's way comes to: HTTP stops before it.
        Verdict[] never =
        [
            Verdict.Forwarded, Verdict.Pending, Verdict.PendingFull, Verdict.Duplicate, Verdict.Held, Verdict.Equivocation,
            Verdict.BrokenChain, Verdict.ForkSeen, Verdict.HoldFull, Verdict.LedgerUnavailable, Verdict.LedgerDamaged,
            Verdict.TopicRefused, Verdict.TopicUnavailable, Verdict.Unfinished,
        ];
        foreach (var verdict in Enum.GetValues<Verdict>().Except(never))
        {
            DeclaredAnswers.Check(nameof(SubmitEnvelope), "POST", VerdictTable.For(verdict).HttpStatus);
        }

        foreach (var verdict in Enum.GetValues<AcknowledgementVerdict>())
        {
            DeclaredAnswers.Check(nameof(AcknowledgeEnvelope), "POST", AcknowledgementTable.For(verdict).HttpStatus);
        }

        PrekeyVerdict[] ofClaims = [PrekeyVerdict.NoBundle];
        PrekeyVerdict[] ofBundles = [PrekeyVerdict.Published];
        foreach (var verdict in Enum.GetValues<PrekeyVerdict>())
        {
            var status = PrekeyTable.For(verdict).HttpStatus;
            if (!ofClaims.Contains(verdict)) DeclaredAnswers.Check("PublishPrekeys", "PUT", status);
            if (!ofBundles.Contains(verdict)) DeclaredAnswers.Check("ClaimPrekeys", "POST", status);
        }
    }

    [Fact]
    public void Status_ThatIsNotDeclared_IsSeen()
    {
        Assert.NotNull(DeclaredAnswers.Missing("ReadCheckpoint", "GET", 418));
        Assert.Null(DeclaredAnswers.Missing("ReadCheckpoint", "HEAD", 304));
    }
}

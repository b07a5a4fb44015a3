using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Relay.Core.Directory;
using Relay.Core.Tests;
using Relay.Functions.Operations;
using Relay.Functions.Tests.Http;
using Relay.Functions.Tests.Reading;

namespace Relay.Functions.Tests.Operations;

/// <summary>
/// Every operation of the served description, called by everyone: nobody, and each way to be somebody. The routes, the methods and who may
/// call are the document's, so a new one cannot be forgotten; what comes out is the table of the README.
/// </summary>
public sealed class RouteMatrixTests : IAsyncLifetime
{
    private static readonly string[] Callers =
    [
        "no caller", "wrong certificate", "expired token", "wrong audience", "member of another", "member", "operator",
    ];

    private readonly ReadingFixture _fixture = new();
    private TestAuthority _authority = null!;
    private AppUnderTest _app = null!;

    public async ValueTask InitializeAsync()
    {
        await _fixture.CommitAsync(1);
        _fixture.Ledger.KeepDocument();
        _authority = new TestAuthority(_fixture);
        var mine = _fixture.Source.Answer;
        var other = JsonNode.Parse(TestNegotiation.Document(negotiation: "geneva-2027"))!;
        other["delegations"]!["us"]!["callers"] = new JsonArray(Convert.ToHexStringLower(ReadingFixture.HashOf(_fixture.OtherMember)));
        _fixture.Source.Answer = (name, version) => name == "geneva-2027"
            ? FakeDirectorySource.Found(Encoding.UTF8.GetBytes(other.ToJsonString()))
            : mine(name, version);
        _app = await AppUnderTest.StartAsync(_fixture);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _authority.Dispose();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task Routes_OfTheDocument_AnswerEachCallerAsTheyDeclareAndAsTheReadmeSays()
    {
        var table = new StringBuilder();
        table.Append(CultureInfo.InvariantCulture, $"| operation | {string.Join(" | ", Callers)} |\n");
        table.Append(CultureInfo.InvariantCulture, $"| --- |{string.Concat(Callers.Select(_ => " --- |"))}\n");
        var rows = 0;
        foreach (var (route, method, operation, path) in await OperationsAsync())
        {
            var allowed = ((JsonNodeExtension)operation.Extensions![ApiDocument.CallersExtension]).Node.AsArray()
                .Select(name => name!.GetValue<string>()).ToList();
            Assert.NotEmpty(allowed);
            var statuses = new List<int>();
            foreach (var caller in Callers) statuses.Add(await StatusAsync(method, path, caller));
            AssertAsDeclared($"{method} {route}", allowed, statuses);
            Assert.All(statuses, status => Assert.Contains(status.ToString(CultureInfo.InvariantCulture), operation.Responses!.Keys));
            table.Append(CultureInfo.InvariantCulture, $"| `{method} {route}` | {string.Join(" | ", statuses)} |\n");
            rows++;
        }

        Assert.InRange(rows, AppUnderTest.Functions.Count, int.MaxValue);
        var readme = await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Operations", "README.md"), TestContext.Current.CancellationToken);
        Assert.True(readme.Contains(table.ToString(), StringComparison.Ordinal), $"expected this table in README.md:\n{table}");
    }

    private static void AssertAsDeclared(string operation, List<string> allowed, List<int> statuses)
    {
        if (allowed.Contains("anyone"))
        {
            // Whoever asks is answered the same: what they present is not looked at.
            Assert.True(statuses.Distinct().Count() == 1 && statuses[0] is not (401 or 403), operation);
            return;
        }

        Assert.True(statuses is [401, 403, 401, 401, 403, ..], $"{operation}: {string.Join(' ', statuses)}");
        Assert.True(statuses[5] is 401 or 403 != allowed.Contains("member"), $"{operation} to a member: {statuses[5]}");
        Assert.True(statuses[6] is 401 or 403 != allowed.Contains("operator"), $"{operation} to an operator: {statuses[6]}");
    }

    private async Task<List<(string Route, HttpMethod Method, OpenApiOperation Operation, string Path)>> OperationsAsync()
    {
        using var answer = await _app.SendAsync(HttpMethod.Get, "/api/openapi.json", caller: null);
        var json = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var document = OpenApiDocument.Parse(json, "json").Document!;
        return
        [
            .. from path in document.Paths
               from operation in path.Value.Operations!
               select (path.Key, operation.Key, operation.Value, Fill(path.Key, path.Value, operation.Value)),
        ];
    }

    // The route with the document's own examples.
    private static string Fill(string route, IOpenApiPathItem path, OpenApiOperation operation)
    {
        var filled = "/api" + (path.Parameters ?? []).Aggregate(
            route, (text, parameter) => text.Replace($"{{{parameter.Name}}}", parameter.Example!.ToString(), StringComparison.Ordinal));
        var query = (operation.Parameters ?? []).Select(parameter => $"{parameter.Name}={parameter.Example}");
        return $"{filled}?{string.Join('&', query)}".TrimEnd('?');
    }

    private async Task<int> StatusAsync(HttpMethod method, string path, string caller)
    {
        var token = caller switch
        {
            "expired token" => _authority.Sign(expires: _fixture.Time.GetUtcNow().AddMinutes(-3)),
            "wrong audience" => _authority.Sign(audience: "api://else"),
            _ => null,
        };
        using var answer = await _app.SendAsync(
            method,
            path,
            request =>
            {
                if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            },
            caller is "no caller" || token is not null ? null : caller);
        return (int)answer.StatusCode;
    }
}

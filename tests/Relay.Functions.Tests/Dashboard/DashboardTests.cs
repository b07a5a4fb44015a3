using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Relay.Core.Tests;
using Relay.Functions.Dashboard;
using Relay.Functions.Tests.Http;
using Relay.Functions.Tests.Reading;
using Relay.Testing;

namespace Relay.Functions.Tests.Dashboard;

public sealed partial class DashboardTests : IAsyncDisposable
{
    private readonly ReadingFixture _fixture = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Page_Served_MayRunItsOwnScriptAndNothingElse()
    {
        await using var app = await AppUnderTest.StartAsync(_fixture);
        using var answer = await app.SendAsync(HttpMethod.Get, "/api/dashboard", caller: null);
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        var html = await answer.Content.ReadAsStringAsync(Token);
        // What is in the elements, as a browser hashes it.
        var script = Assert.Single(Script().Matches(html)).Groups[1].Value;
        var style = Assert.Single(Style().Matches(html)).Groups[1].Value;
        Assert.Equal(
            $"default-src 'none'; script-src '{Hash(script)}'; style-src '{Hash(style)}'; connect-src 'self'; base-uri 'none'; "
                + "form-action 'none'; frame-ancestors 'none'",
            policy);
        Assert.DoesNotContain("{{", html[..html.IndexOf("<script", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.All(Elsewhere().Matches(html).Select(match => match.Value), url => Assert.Equal("http://www.w3.org/2000/svg", url));
        Assert.DoesNotMatch("""\s(style|on[a-z]+)=["']""", html[..html.IndexOf("<script", StringComparison.Ordinal)]);
    }

    [Fact]
    public void Page_Compressed_IsSmall()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(DashboardPage.Html.Span);
        Assert.InRange(compressed.Length, 1_000, 100_000);
        TestContext.Current.TestOutputHelper!.WriteLine($"{DashboardPage.Html.Length} bytes, {compressed.Length} with gzip");
    }

    // Its own script, in Node, over the relay's own answers: what it verifies and what it finds, with the index of the entry.
    [Fact]
    public async Task Proof_OfALedgerServed_HoldsAndOfOneChangedNamesTheEntry()
    {
        _fixture.Ledger.KeepDocument();
        await _fixture.CommitAsync(300);
        await using var app = await AppUnderTest.StartAsync(_fixture);
        using var folder = new TemporaryFolder();
        var page = Encoding.UTF8.GetString(DashboardPage.Html.Span);
        var script = Script().Match(page).Groups[1].Value;
        folder.Write("proof.mjs", script[..script.IndexOf("// The page:", StringComparison.Ordinal)]);
        var relay = await _fixture.Certifier.FindJwkAsync(_fixture.Certifier.KeyId, Token);
        string[] jwks = [.. new[] { relay!, _fixture.Ledger.MediatorKey }.Select(key => Encoding.UTF8.GetString(key.ToJson()))];
        var keys = folder.Write("keys.json", $$"""{"keys":[{{string.Join(',', jwks)}}]}""");
        var ledger = $"{app.Client.BaseAddress}api/negotiations/{TestNegotiation.Name}/";
        var result = await NodeRunner.RunAsync(
            [],
            Path.Combine("Node", "dashboard-proof.mjs"),
            [folder.Path, ledger, TestNegotiation.Name, keys],
            null,
            Token);
        var told = result.AssertSucceeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!)
            .ToDictionary(line => (string)line["name"]!);
        foreach (var name in new[] { "honest", "again" })
        {
            Assert.Equal("""{"holds":true,"size":300,"isKnown":true,"entries":300,"untold":0,"weight":1}""", Told(name, "digest"));
        }
        Assert.Equal("""{"holds":true,"size":300,"isKnown":false,"entries":300,"untold":300,"weight":0}""", Told("without keys", "digest"));
        Assert.Equal("""{"holds":true,"size":300,"isKnown":true,"entries":300,"untold":300,"weight":0}""", Told("without mediators", "digest"));
        const string Members = "format,negotiation,checkpoint,certificate,entries,documents";
        Assert.Equal(
            $$"""{"members":"{{Members}}","format":"relay-export/v1","negotiation":"{{TestNegotiation.Name}}","""
                + """ "entries":300,"isWhole":true,"documents":true}""".TrimStart(),
            Told("export", "digest"));
        AssertWrong("export tampered", 299, "expected entry 299 as it was verified here");
        AssertWrong("tampered", 299, "to have the hash in the tree");
        AssertWrong("refused", 99, "expected entry 99 of entries 0 to 255: answers 500");
        Assert.True((bool)told["looked again"]["holds"]!);
        AssertWrong("withheld again", 99, "answers 500");
        AssertWrong("tampered again", 0, "expected entry 0 as it was verified here");
        AssertWrong("another past", 0, "the entry that was seen before");
        AssertWrong("gone back", null, "it has gone back");
        AssertWrong("forged checkpoint", null, "its signature does not verify");
        AssertWrong("other keys", null, "expected a certificate signed by");
        AssertWrong("other mediator", 0, "expected a signature of qatar");
        AssertWrong("other document", 0, "expected the negotiation's document");

        string Told(string name, string without)
        {
            var line = told[name].AsObject();
            line.Remove("name");
            line.Remove(without);
            return line.ToJsonString();
        }

        void AssertWrong(string name, int? index, string message)
        {
            var line = told[name];
            Assert.True(!(bool)line["holds"]! && (string)line["kind"]! == "Wrong", line.ToJsonString());
            Assert.Equal((name, index), (name, (int?)line["index"]));
            Assert.Contains(message, (string)line["message"]!, StringComparison.Ordinal);
        }
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    [GeneratedRegex("""<script type="module">(.*?)</script>""", RegexOptions.Singleline)]
    private static partial Regex Script();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("""https?://[^\s"'`<>]+""")]
    private static partial Regex Elsewhere();
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Testing;

namespace Relay.IntegrationTests.Dashboard;

/// <summary>
/// A page in Debian's Chromium, driven by Playwright (<c>Node/browser.mjs</c>): what a person with a certificate sees. Skipped, saying
/// so, where there is no Chromium or no Node.
/// </summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private static readonly string[] Packages = ["playwright-core@1.65.1", "axe-core@4.14.1"];
    private static readonly string[] Programs = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

    // Less than a test waits for an answer, so that it says what the page shows instead.
    private static readonly TimeSpan Longest = TestDeadline.Default - TimeSpan.FromSeconds(60);

    private readonly Process _browser;
    private readonly Task<string> _errors;

    private BrowserPage(Process browser)
    {
        _browser = browser;
        _errors = browser.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    /// <summary>Starts one that shows a certificate to an origin.</summary>
    /// <param name="origin">Scheme, host and port.</param>
    /// <param name="certificate">PEM file with the certificate and its key.</param>
    public static async Task<BrowserPage> OpenAsync(Uri origin, string certificate)
    {
        var program = Programs.FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "Chromium is not installed (Debian's package chromium): the dashboard cannot be looked at.");
        return new BrowserPage(await NodeRunner.StartAsync(
            Packages,
            Path.Combine("Node", "browser.mjs"),
            [program, origin.GetLeftPart(UriPartial.Authority), certificate],
            null,
            TestContext.Current.CancellationToken));
    }

    /// <summary>Has it do one thing; fails, with what the page shows, when it cannot.</summary>
    /// <param name="act">A name of the script's.</param>
    /// <param name="more">Its members.</param>
    public async Task<JsonNode> DoAsync(string act, object? more = null)
    {
        var line = (JsonObject)(JsonSerializer.SerializeToNode(more ?? new { }, JsonSerializerOptions.Web))!;
        line["act"] = act;
        await _browser.StandardInput.WriteLineAsync(line.ToJsonString().AsMemory(), TestContext.Current.CancellationToken);
        await _browser.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        var said = await TestDeadline.Within(_browser.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask());
        if (said is null) Assert.Fail($"the browser has ended: {await _errors}");
        var answer = JsonNode.Parse(said)!;
        Assert.True((bool)answer["ok"]!, $"{answer["message"]}\nThe page:\n{answer["shown"]}");
        return answer;
    }

    /// <summary>Waits until an element shows a text, and notes how long that took.</summary>
    /// <param name="selector">CSS selector of the element.</param>
    /// <param name="text">Regular expression.</param>
    public async Task SeesAsync(string selector, string text)
    {
        var answer = await DoAsync("expect", new { selector, text, within = Longest.TotalMilliseconds });
        TestContext.Current.TestOutputHelper!.WriteLine($"{(double)answer["took"]!,6:0} ms: {selector} shows {text}");
    }

    /// <summary>What an element shows now.</summary>
    /// <param name="selector">CSS selector of the element.</param>
    public async Task<string> ReadAsync(string selector) => (string)(await DoAsync("read", new { selector }))["text"]!;

    /// <summary>Tells in the output when there was something to see, from when the page was asked for.</summary>
    public async Task TellPaintAsync()
    {
        var paint = await DoAsync("paint");
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"first paint after {(double)paint["took"]!:0} ms: first byte {(double)paint["first"]!:0}, last {(double)paint["last"]!:0}, "
                + $"read {(double)paint["read"]!:0}"));
    }

    /// <summary>Fails where the console has a message that nobody should see, or something was asked of somebody else.</summary>
    public async Task AssertUntroubledAsync()
    {
        var answer = await DoAsync("troubles");
        Assert.Equal("[] []", $"{answer["troubles"]!.ToJsonString()} {answer["elsewhere"]!.ToJsonString()}");
    }

    public async ValueTask DisposeAsync()
    {
        _browser.StandardInput.Close();
        await Task.WhenAny(_browser.WaitForExitAsync(CancellationToken.None), Task.Delay(TestDeadline.Default, TimeProvider.System));
        if (!_browser.HasExited) _browser.Kill(entireProcessTree: true);
        _browser.Dispose();
    }
}

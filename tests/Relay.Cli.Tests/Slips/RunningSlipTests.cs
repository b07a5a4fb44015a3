using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Relay.Local;
using Relay.Testing;

namespace Relay.Cli.Tests.Slips;

/// <summary>What newcomers do wrong while a stack runs; and what they must not be held up by.</summary>
[Collection(StackOfSlips.Collection)]
public sealed partial class RunningSlipTests(StackOfSlips stack)
{
    private static readonly Slip[] All =
    [
        new("an empty text", "sign --from us --to iran --text {?} --out {x1.json}", "The text is empty", "--allow-empty"),
        new("a text of blanks", "sign --from us --to iran --text + --out {x2.json}", "The text is empty", "--allow-empty"),
        new("an empty file", "sign --from us --to iran --file {empty.txt} --out {x3.json}", "empty.txt is empty", "--allow-empty"),
        new("no content", "sign --from us --to iran --out {x4.json}", "nothing to seal", "--text or --file"),
        new("no addressee", "sign --from us --text x --out {x5.json}", "no addressee", "--to iran"),
        new("no sender", "sign --to iran --text x --out {x6.json}", "--from is missing", "--from us"),
        new("a sender that is none", "sign --from usa --to iran --text x --out {x7.json}", "usa is no delegation of doha-2026", "us, iran"),
        new("an addressee that is none", "sign --from us --to persia --text x --out {x8.json}", "persia", "us, iran"),
        new(
            "a mediator that is none",
            "sign --from us --to iran --text x --mediators norway --out {x9.json}",
            "norway is no mediator",
            "qatar, oman, swiss"),
        new(
            "a negotiation that is none",
            "sign --from us --to iran --text x --negotiation doha-2027 --out {x10.json}",
            "There is no document of doha-2027",
            "directory"),
        new("a file over what is there", "sign --from us --to iran --text x --out {first.json}", "first.json is there already", "--force"),
        new("an envelope with a byte order mark", "submit {marked.json}", "byte order mark .* at byte 0", "leave it out"),
        new("a document of the wrong encoding", "directory check {utf16.json}", "UTF-16", "send UTF-8"),
        new("listening as nobody", "listen persia", "persia is no delegation of doha-2026", "us, iran"),
        new("the status of nobody", "status usa", "usa is no delegation of doha-2026", "us, iran"),
        new("an audit for nobody", "audit persia", "persia is no delegation of doha-2026", "us, iran"),
        new("a ledger read by nobody", "verify ledger --as persia", "persia is no delegation of doha-2026", "us, iran"),
        new("the address without TLS", "status us --url {http} --client-certificate {client.pem}", "without TLS", "https://"),
        new("a key that is not there", "keys disable mediator-iceland", "mediator-iceland", "relay keys list"),
        new("a sequence never made", "sign --again 99 --from us --out {x11.json}", "no 99", @"1 to \d"),
        new("a folder that a stack runs on", "up", @"runs on .*it's my state already \(process {process}\)", "--state"),
        new("another vault than the folder's", "up --vault-port 1", "it's my state", "--vault-port|--state"),
    ];

    public static TheoryData<Slip> Slips => [.. All];

    [Theory]
    [MemberData(nameof(Slips))]
    public async Task Slip_OnARunningStack_IsAnsweredByOneLineThatSaysWhatToDo(Slip slip)
    {
        string Fill(string text) => Name().Replace(text, match => match.Groups[1].Value == "?" ? "" : stack.Fill(match.Groups[1].Value));
        // A word that is only a plus is a blank; in a path it stands for one.
        string[] words = [.. slip.Line.Split(' ').Select(word => Fill(word).Replace('+', ' '))];
        var run = slip.IsRunApart(All) ? await stack.RunApartAsync(null, words) : await stack.RunAsync(words);
        Slip.AssertOneLine(run, Fill(slip.Names), slip.Fix);
    }

    [Fact]
    public async Task Sign_OfAnEmptyTextOnPurpose_IsTaken()
    {
        await stack.SucceedAsync(
            "sign", "--from", "iran", "--to", "us", "--text", "", "--allow-empty", "--out", stack.PathOf("empty.json"));
        Assert.True(File.Exists(stack.PathOf("empty.json")));
    }

    [Fact]
    public async Task Listen_WhileAnotherListens_IsRefusedAndNamesItsProcess()
    {
        using var first = RelayProgram.Start(stack.Root, null, "listen", "us", "--state", stack.Stack.State);
        try
        {
            Assert.Contains("Listening as us", await FirstLineAsync(first), StringComparison.Ordinal);
            var id = first.Id.ToString(CultureInfo.InvariantCulture);
            Slip.AssertOneLine(await stack.RunAsync("listen", "us"), $@"listen us' runs on .* \(process {id}\)", "Ctrl-C");
            // It reads what the listener keeps, and leaves it alone.
            Assert.Contains("ledger", (await stack.RunAsync("audit", "us")).Output, StringComparison.Ordinal);
        }
        finally
        {
            first.Kill(entireProcessTree: true);
        }

        await TestDeadline.Within(first.WaitForExitAsync(TestContext.Current.CancellationToken));
        // Its lock has gone with it.
        using var second = RelayProgram.Start(stack.Root, null, "listen", "us", "--state", stack.Stack.State);
        Assert.Contains("Listening as us", await FirstLineAsync(second), StringComparison.Ordinal);
        second.Kill(entireProcessTree: true);
    }

    [Fact]
    public async Task Url_AsUpPrintsIt_IsTaken()
    {
        var printed = stack.Stack.Printed;
        var http = Address("HTTP").Match(printed).Groups[1].Value;
        var https = Address("HTTPS").Match(printed).Groups[1].Value;
        Assert.EndsWith("/api/envelopes", http, StringComparison.Ordinal);
        await stack.SucceedAsync("submit", stack.PathOf("first.json"), "--http", "--url", http);
        var certificate = LocalCertificates.ClientPath(stack.Stack.State, "us");
        Assert.Contains(
            "entries of relay.local/doha-2026",
            await stack.SucceedAsync("verify", "ledger", "--url", https, "--client-certificate", certificate),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_ThatUpPrints_CanBePasted()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The lines are for a POSIX shell.");
        // A stack of its own: what other tests sign on theirs and never submit is what the envelope signed here would wait for.
        using var folder = new TemporaryFolder();
        await using var fresh = await RunningStack.StartAsync(Path.Combine(folder.Path, "it's my state"), null);
        var lines = fresh.Printed.Split('\n')
            .Where(static line => line.StartsWith("  ", StringComparison.Ordinal) && line.Contains("--state", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(
            ["listen", "sign", "submit", "status", "audit", "top"],
            lines.Select(static line => Regex.Match(line, "relay.dll'? (\\w+)").Groups[1].Value));
        foreach (var line in lines.Skip(1).Append(lines[0] + " --count 1"))
        {
            var start = new ProcessStartInfo("sh", ["-c", line])
            {
                WorkingDirectory = folder.Path,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            using var shell = Process.Start(start)!;
            var output = shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await TestDeadline.Within(shell.WaitForExitAsync(TestContext.Current.CancellationToken));
            // Nobody has opened what was sent when audit and status look: that they were understood shows in their tables.
            var said = await output;
            var isTold = said.Contains("checkpoints compared", StringComparison.Ordinal)
                || said.Contains("made 1 to", StringComparison.Ordinal);
            // What is live needs a screen, and there is none here: that it got so far shows in what it asks for.
            var wantsScreen = line == lines[^1] && (await errors).Contains("There is no terminal to draw on", StringComparison.Ordinal);
            Assert.True(shell.ExitCode == 0 || isTold || wantsScreen, $"{line}: {await errors}{said}");
        }
    }

    [Theory]
    [InlineData("keys", "list")]
    [InlineData("sign", "--from", "us", "--to", "iran", "--text", "Through a proxy.", "--out", "proxied.json", "--force")]
    [InlineData("submit", "first.json")]
    [InlineData("submit", "first.json", "--http")]
    [InlineData("audit", "iran")]
    [InlineData("directory", "check", "it's my state/directory/doha-2026.json")]
    public async Task Command_WithAProxyInTheEnvironment_AsksItForNothingOnThisMachine(params string[] words)
    {
        var run = await stack.RunApartAsync(Proxy(), words);
        Assert.True(run.ExitCode == 0 || run.Output.Contains("checkpoints compared", StringComparison.Ordinal), run.Errors + run.Output);
        Assert.DoesNotContain("proxy", run.Errors, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Up_WithAProxyInTheEnvironment_ForwardsAsWithout()
    {
        using var folder = new TemporaryFolder();
        await using var proxied = await RunningStack.StartAsync(Path.Combine(folder.Path, "state"), Proxy());
        var envelope = Path.Combine(folder.Path, "one.json");
        string[][] commands =
        [
            ["sign", "--from", "us", "--to", "iran", "--text", "Good morning", "--out", envelope],
            ["submit", envelope],
            ["listen", "iran", "--count", "1"],
        ];
        foreach (var words in commands)
        {
            var run = await RelayProgram.RunAsync(folder.Path, Proxy(), [.. words, "--state", proxied.State]);
            Assert.True(run.ExitCode == 0, run.Errors);
        }
    }

    private static Task<string?> FirstLineAsync(Process process) =>
        TestDeadline.Within(process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask());

    // Nobody listens there.
    private static Dictionary<string, string> Proxy() => new()
    {
        ["HTTPS_PROXY"] = "http://127.0.0.1:9",
        ["HTTP_PROXY"] = "http://127.0.0.1:9",
        ["ALL_PROXY"] = "http://127.0.0.1:9",
        ["NO_PROXY"] = "",
    };

    private static Regex Address(string what) =>
        new($"^{what} +(http\\S+)", RegexOptions.Multiline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10));

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Name();
}

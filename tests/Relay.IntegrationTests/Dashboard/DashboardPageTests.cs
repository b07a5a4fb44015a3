using System.Globalization;
using System.Text.RegularExpressions;
using Azure.Messaging.ServiceBus;
using Relay.Local;
using Relay.Testing;

namespace Relay.IntegrationTests.Dashboard;

/// <summary>
/// The dashboard as a person has it: a genuine browser over a genuine stack, while envelopes pass. How long after each event it is shown is
/// told in the output, in milliseconds; that it is shown is what is judged. <c>RELAY_SCREENSHOTS</c> names a folder for pictures.
/// </summary>
public sealed class DashboardPageTests : IClassFixture<RelayUnderTest>
{
    // More than are put back in a slice of five seconds at one a second.
    private const int Refused = 12;

    private readonly RelayUnderTest _relay;
    private readonly SentEnvelopes _us;

    public DashboardPageTests(RelayUnderTest relay)
    {
        _relay = relay;
        _us = new SentEnvelopes(relay, "us", "iran");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string State => _relay.Options.StateFolder;

    private string Negotiation => _relay.Options.Negotiation;

    [Fact]
    public async Task Page_OverALiveStack_ShowsWhatHappensAndWhatDoesNotHold()
    {
        var https = _relay.Stack.Endpoints.Https;
        var address = $"{new Uri(https, "api/dashboard")}#negotiation={Negotiation}";
        var keys = Path.Combine(State, "keys.json");
        var exported = await RelayProgram.RunAsync(State, null, "keys", "export", "--state", State, "--out", keys);
        Assert.True(exported.ExitCode == 0, exported.Errors);
        await using var page = await BrowserPage.OpenAsync(https, LocalCertificates.ClientPath(State, "iran"));
        await _us.PostAsync(await _us.NextAsync());
        await page.DoAsync("goto", new { url = address });
        await page.SeesAsync("#live", "Live");
        await page.SeesAsync("#proof.open", "who signed it cannot be told here without keys");
        await page.DoAsync("file", new { selector = "#keys", path = keys });
        await page.SeesAsync("#proof.good", "Verified here: \\d+ entries");

        // They come one after the other, so many that the first gap, in which the page was opened, counts for little; and then nothing.
        for (var i = 0; i < 30; i++) await _us.PostAsync(await _us.NextAsync());
        await page.SeesAsync("#now", "Envelopes in the window31verified here");
        await page.SeesAsync("#counts", "In / out31 / 31");
        await page.SeesAsync("#counts", "Sizes\\d+( Ki)?: 31contents as sealed");
        await page.SeesAsync("#alarms", "us has been silent for longer than 99 in 100 of its gaps");

        // One that nobody has signed.
        await _us.SendAsync(await _us.ForgeAsync());
        await page.SeesAsync("#reasons", "quorum_not_met10|bad_signature10");
        await page.SeesAsync("#counts", "Refused1");

        // One is missing, and comes.
        var (missing, next) = (await _us.NextAsync(), await _us.NextAsync());
        await _us.SendAsync(next);
        await page.SeesAsync("#streams", "us/normal311us/normal/32");
        await page.SeesAsync("#counts", "Held for a gap1");
        await _us.SendAsync(missing);
        await page.SeesAsync("#counts", "Held for a gap0");
        await page.SeesAsync("#senders", "us33");

        // As many at once as fill a bundle of the ledger, and some 70 more: fewer may still stand behind its head.
        var many = new List<byte[]>();
        while (many.Count < 300) many.Add(await _us.NextAsync());
        await Task.WhenAll(many.Select(_us.SendAsync));
        await page.SeesAsync("#now", "Envelopes in the window333verified here");
        await page.SeesAsync("#proof.good", "Verified here");
        await page.AssertUntroubledAsync();

        await SwitchAsync(page, https);
        await ChangeAsync(page);
        await DamageAsync(page);
        await FindAsync(page);
        await LookAsync(page);
    }

    // An operator closes it, after a dry run, and opens it again.
    private async Task SwitchAsync(BrowserPage member, Uri https)
    {
        using (LocalCertificates.Operator(State, TimeProvider.System))
        {
        }

        await using var page = await BrowserPage.OpenAsync(https, Path.Combine(State, "operator", "client.pem"));
        await page.DoAsync("goto", new { url = $"{new Uri(https, "api/dashboard")}" });
        await page.SeesAsync("#all", Negotiation);
        await page.DoAsync("goto", new { url = $"{new Uri(https, "api/dashboard")}#negotiation={Negotiation}&as=operator" });
        await page.SeesAsync("#proof.open", "a ledger is shown to members alone");
        foreach (var (mode, was) in new[] { ("read-only", "open"), ("open", "read-only") })
        {
            await page.DoAsync("select", new { selector = "#wanted", value = mode });
            await page.DoAsync("click", new { selector = "#try" });
            await page.SeesAsync("#told", $"nothing is changed: {Negotiation} is {was}");
            await page.DoAsync("click", new { selector = "#confirm" });
            await page.SeesAsync("#told", $"{Negotiation} is {mode} .*, by entry \\d+ of its ledger");
            await member.SeesAsync("#now", $"Mode{mode}verified here");
        }

        await PutBackAsync(page, member);
        await PutBackForIranAsync(page);
        await page.AssertUntroubledAsync();
        Assert.Empty((await page.DoAsync("axe"))["violations"]!.AsArray());
    }

    // What was refused while it was closed passes when it is put back: once it has been tried, slice by slice, and stopped in between.
    private async Task PutBackAsync(BrowserPage page, BrowserPage member)
    {
        await SetModeAsync(page, "closed");
        for (var i = 0; i < Refused; i++) await _us.SendAsync(await _us.NextAsync());
        await DeadAsync("negotiation-closed", Refused);
        await SetModeAsync(page, "open");
        await page.DoAsync("click", new { selector = "#letterslook" });
        await page.SeesAsync("#letters", $"negotiation-closed{Refused}");
        await page.DoAsync("click", new { selector = "#letters button[aria-label='Choose negotiation-closed']" });
        await TryAsync(page, Refused);
        await page.SeesAsync("#sample", $"{Negotiation}/us/normal/");
        // One a second, and a slice ends before all of them are back.
        await page.DoAsync("fill", new { selector = "#rate", value = "1" });
        await TryAsync(page, Refused);
        await page.DoAsync("click", new { selector = "#putback" });
        await page.SeesAsync("#redriven", "Going on: \\d+ put back, \\d+ remain");
        await page.DoAsync("click", new { selector = "#stop" });
        await page.SeesAsync("#redriven", "Stopped: \\d+ put back in whole calls");
        var left = await LeftAsync(page);
        Assert.InRange(left, 1, Refused - 1);

        await page.DoAsync("fill", new { selector = "#rate", value = "200" });
        await TryAsync(page, left);
        await page.DoAsync("click", new { selector = "#putback" });
        await page.SeesAsync("#redriven", $"Complete: {left} put back");
        // What nobody has signed is there still.
        await page.SeesAsync("#lettersread", "^1 at ");
        await member.SeesAsync("#now", $"Envelopes in the window{333 + Refused}verified here");
        await page.SeesAsync("#acts", $"{LocalCertificates.OperatorOf(State, TimeProvider.System)[..16]}.*redrive-begin");
        await LookAsync(page, "operator-");
    }

    // What a recipient gave up stands beside it, by its topic, and is put back there.
    private async Task PutBackForIranAsync(BrowserPage page)
    {
        const string Topic = "delegation-iran";
        await using var inbox = _relay.Bus.CreateReceiver(Topic, "inbox");
        var first = await TestDeadline.Within(inbox.ReceiveMessageAsync(TestDeadline.Default, Token));
        await inbox.DeadLetterMessageAsync(first, "key-lost", "until it is found", Token);
        await page.DoAsync("click", new { selector = "#letterslook" });
        await page.SeesAsync("#lettersread", "^2 at ");
        await page.SeesAsync("#letters", $"{Topic}key-lost1");
        await page.DoAsync("click", new { selector = $"#letters button[aria-label='Choose key-lost of {Topic}']" });
        await page.SeesAsync("#chosen", $"key-lost on {Topic}, whose every subscription gets it again");
        await page.DoAsync("click", new { selector = "#redrivetry" });
        await page.SeesAsync("#redriven", $"nothing is changed: 1 would be put back on {Topic}, unchanged");
        await page.SeesAsync("#sample", $"{Negotiation}/us/normal/");
        await page.DoAsync("click", new { selector = "#putback" });
        await page.SeesAsync("#redriven", "Complete: 1 put back");
        await page.SeesAsync("#lettersread", "^1 at ");
        await using var dead = _relay.Bus.CreateReceiver(Topic, "inbox", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        Assert.Null(await dead.PeekMessageAsync(cancellationToken: Token));
    }

    private static async Task TryAsync(BrowserPage page, int count)
    {
        await page.DoAsync("click", new { selector = "#redrivetry" });
        await page.SeesAsync("#redriven", $"nothing is changed: {count} would be put back on their queues");
    }

    // What is dead still, once the call that was stopped has ended and gives the log to the next.
    private static async Task<int> LeftAsync(BrowserPage page)
    {
        while (true)
        {
            await page.DoAsync("click", new { selector = "#redrivetry" });
            await page.SeesAsync("#redriven", "nothing is changed|Not now: ");
            if (Regex.Match(await page.ReadAsync("#redriven"), "changed: (\\d+) would") is { Success: true } told)
            {
                return int.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture);
            }
        }
    }

    private async Task SetModeAsync(BrowserPage page, string mode)
    {
        await page.DoAsync("select", new { selector = "#wanted", value = mode });
        await page.DoAsync("click", new { selector = "#try" });
        await page.SeesAsync("#told", "nothing is changed");
        await page.DoAsync("click", new { selector = "#confirm" });
        await page.SeesAsync("#told", $"{Negotiation} is {mode} .*, by entry \\d+ of its ledger");
    }

    // Until the bus has so many there.
    private async Task DeadAsync(string reason, int count)
    {
        await using var receiver = _relay.Bus.CreateReceiver(
            SentEnvelopes.Queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        var (from, seen) = (0L, 0);
        while (seen < count)
        {
            var letter = await receiver.PeekMessageAsync(from, Token);
            if (letter?.DeadLetterReason == reason) seen++;
            if (letter is not null) from = letter.SequenceNumber + 1;
        }
    }

    // What comes on the way as another than it was sent.
    private async Task ChangeAsync(BrowserPage page)
    {
        await page.DoAsync("change", new { path = "/checkpoint", at = 60 });
        await _us.SendAsync(await _us.NextAsync());
        await page.SeesAsync("#proof.bad", "Does not hold: ");
        await page.DoAsync("change", new { path = "/checkpoint" });
        await page.SeesAsync("#proof.good", "Verified here");
        await page.AssertUntroubledAsync();
    }

    // A byte of an entry is another on the disk: it is found, with its index, and the rest is served.
    private async Task DamageAsync(BrowserPage page)
    {
        var folder = Path.Combine(State, "ledger", Negotiation);
        var file = Directory.EnumerateFiles(folder, "000", SearchOption.AllDirectories)
            .Single(path => path.Contains($"{Path.DirectorySeparatorChar}entries{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        var whole = await File.ReadAllBytesAsync(file, Token);
        var damaged = whole.ToArray();
        damaged[damaged.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, damaged, Token);
        await page.DoAsync("press", new { key = "v" });
        await page.SeesAsync("#proof.bad", "Does not hold at entry \\d+: expected entry \\d+ of entries 0 to 255: the relay answers 500");
        using (var member = LocalCertificates.OpenClient(_relay.Stack.Endpoints, State, "iran", TimeProvider.System))
        {
            // Signals are of every entry, so there are none without this one.
            foreach (var path in new[] { "checkpoint", "stats", "mode" })
            {
                using var answer = await member.GetAsync(new Uri($"api/negotiations/{Negotiation}/{path}", UriKind.Relative), Token);
                Assert.True(answer.IsSuccessStatusCode, $"{path} answers {answer.StatusCode}");
            }
        }

        await File.WriteAllBytesAsync(file, whole, Token);
        await page.DoAsync("press", new { key = "v" });
        await page.SeesAsync("#proof.good", "Verified here");
        // A browser says of each 500 that it was one.
        var troubles = (await page.DoAsync("troubles"))["troubles"]!.AsArray();
        Assert.NotEmpty(troubles);
        Assert.All(troubles, trouble => Assert.Contains("status of 500", (string)trouble!, StringComparison.Ordinal));
    }

    // One key, and what is not in the ledger is asked for.
    private async Task FindAsync(BrowserPage page)
    {
        await page.DoAsync("press", new { key = "/" });
        Assert.Equal("find", (string)(await page.DoAsync("focus"))["id"]!);
        await page.DoAsync("type", new { text = $"{Negotiation}/us/normal/7" });
        await page.SeesAsync("#found", "^1 of \\d+ entries");
        await page.SeesAsync("#feed", $"{Negotiation}/us/normal/7 to iran");
        await page.DoAsync("press", new { key = " " });
        await page.SeesAsync("#live", "Paused");
        await page.DoAsync("press", new { key = " " });
        await page.SeesAsync("#live", "Live");
        await page.AssertUntroubledAsync();
    }

    private static async Task LookAsync(BrowserPage page, string name = "")
    {
        var folder = Environment.GetEnvironmentVariable("RELAY_SCREENSHOTS");
        foreach (var (scheme, width) in new[] { ("light", 1280), ("dark", 1280), ("light", 380), ("dark", 380) })
        {
            var path = folder is null ? null : Path.Combine(folder, $"{name}{scheme}-{width}.png");
            var over = (int)(await page.DoAsync("look", new { path, scheme, width, height = 900 }))["over"]!;
            Assert.Equal((scheme, width, 0), (scheme, width, over));
            if (width == 1280) Assert.Empty((await page.DoAsync("axe"))["violations"]!.AsArray());
        }

        await page.TellPaintAsync();
        await page.AssertUntroubledAsync();
    }
}

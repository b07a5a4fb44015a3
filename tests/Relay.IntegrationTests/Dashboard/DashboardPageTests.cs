using System.Globalization;
using System.Net;
using Azure.Messaging.ServiceBus;
using Relay.Cli.Demo;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.IntegrationTests.Dashboard;

/// <summary>
/// The dashboard as a person has it: a genuine browser over a genuine stack, while envelopes pass. How long after each event it is shown is
/// told in the output, in milliseconds; that it is shown is what is judged. <c>RELAY_SCREENSHOTS</c> names a folder for pictures.
/// </summary>
public sealed class DashboardPageTests : IClassFixture<RelayUnderTest>
{
    private const string Normal = "envelopes";

    private readonly RelayUnderTest _relay;
    private readonly SenderStream _stream;

    public DashboardPageTests(RelayUnderTest relay)
    {
        _relay = relay;
        _stream = new SenderStream(
            relay.Options.Negotiation, relay.Cast.Document, relay.Cast.Delegations["us"], Lane.Normal, TimeProvider.System);
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
        await PostAsync(await WireAsync());
        await page.DoAsync("goto", new { url = address });
        await page.SeesAsync("#live", "Live");
        await page.SeesAsync("#proof.open", "who signed it cannot be told here without keys");
        await page.DoAsync("file", new { selector = "#keys", path = keys });
        await page.SeesAsync("#proof.good", "Verified here: \\d+ entries");

        // They come one after the other, so many that the first gap, in which the page was opened, counts for little; and then nothing.
        for (var i = 0; i < 30; i++) await PostAsync(await WireAsync());
        await page.SeesAsync("#now", "Envelopes in the window31verified here");
        await page.SeesAsync("#counts", "In / out31 / 31");
        await page.SeesAsync("#alarms", "us has been silent for longer than 99 in 100 of its gaps");

        // One that nobody has signed.
        await SendAsync(await ForgeAsync());
        await page.SeesAsync("#reasons", "quorum_not_met10|bad_signature10");
        await page.SeesAsync("#counts", "Refused1");

        // One is missing, and comes.
        var (missing, next) = (await WireAsync(), await WireAsync());
        await SendAsync(next);
        await page.SeesAsync("#streams", "us/normal311us/normal/32");
        await page.SeesAsync("#counts", "Held for a gap1");
        await SendAsync(missing);
        await page.SeesAsync("#counts", "Held for a gap0");
        await page.SeesAsync("#senders", "us33");

        // As many at once as fill a bundle of the ledger, and some 70 more: fewer may still stand behind its head.
        var many = new List<byte[]>();
        while (many.Count < 300) many.Add(await WireAsync());
        await Task.WhenAll(many.Select(SendAsync));
        await page.SeesAsync("#now", "Envelopes in the window333verified here");
        await page.SeesAsync("#proof.good", "Verified here");
        await AssertUntroubledAsync(page);

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
        await AssertUntroubledAsync(page);
        Assert.Empty((await page.DoAsync("axe"))["violations"]!.AsArray());
    }

    // What was refused while it was closed passes when it is put back: once it has been tried, by who is named for it.
    private async Task PutBackAsync(BrowserPage page, BrowserPage member)
    {
        await SetModeAsync(page, "closed");
        await SendAsync(await WireAsync());
        await DeadAsync("negotiation-closed");
        await SetModeAsync(page, "open");
        await page.DoAsync("click", new { selector = "#letterslook" });
        await page.SeesAsync("#letters", "negotiation-closed1");
        await page.DoAsync("click", new { selector = "#letters button[aria-label='Choose negotiation-closed']" });
        await page.DoAsync("click", new { selector = "#redrivetry" });
        await page.SeesAsync("#redriven", "nothing is changed: 1 would be put back");
        await page.SeesAsync("#sample", $"{Negotiation}/us/normal/");
        await page.DoAsync("click", new { selector = "#putback" });
        await page.SeesAsync("#redriven", "Complete: 1 put back");
        await member.SeesAsync("#now", "Envelopes in the window334verified here");
        await page.SeesAsync("#acts", $"{LocalCertificates.OperatorOf(State, TimeProvider.System)[..16]}.*redrive-begin");
        await LookAsync(page, "operator-");
    }

    private async Task SetModeAsync(BrowserPage page, string mode)
    {
        await page.DoAsync("select", new { selector = "#wanted", value = mode });
        await page.DoAsync("click", new { selector = "#try" });
        await page.SeesAsync("#told", "nothing is changed");
        await page.DoAsync("click", new { selector = "#confirm" });
        await page.SeesAsync("#told", $"{Negotiation} is {mode} .*, by entry \\d+ of its ledger");
    }

    // Until the bus has it there.
    private async Task DeadAsync(string reason)
    {
        await using var receiver = _relay.Bus.CreateReceiver(Normal, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        var from = 0L;
        while (true)
        {
            var letter = await receiver.PeekMessageAsync(from, Token);
            if (letter?.DeadLetterReason == reason) return;
            from = letter is null ? 0 : letter.SequenceNumber + 1;
        }
    }

    // What comes on the way as another than it was sent.
    private async Task ChangeAsync(BrowserPage page)
    {
        await page.DoAsync("change", new { path = "/checkpoint", at = 60 });
        await SendAsync(await WireAsync());
        await page.SeesAsync("#proof.bad", "Does not hold: ");
        await page.DoAsync("change", new { path = "/checkpoint" });
        await page.SeesAsync("#proof.good", "Verified here");
        await AssertUntroubledAsync(page);
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
        await AssertUntroubledAsync(page);
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

        var paint = (double)(await page.DoAsync("paint"))["took"]!;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"first paint after {paint:0} ms"));
        await AssertUntroubledAsync(page);
    }

    private static async Task AssertUntroubledAsync(BrowserPage page)
    {
        var answer = await page.DoAsync("troubles");
        Assert.Equal("[] []", $"{answer["troubles"]!.ToJsonString()} {answer["elsewhere"]!.ToJsonString()}");
    }

    private async Task<byte[]> WireAsync()
    {
        var builder = new EnvelopeBuilder(await _stream.SayAsync(["iran"], "good morning", Token));
        foreach (var mediator in _relay.Cast.Mediators.Values) await builder.SignAsync(mediator, Token);
        return builder.ToWire();
    }

    // Mediators' keys are named, and signed by others.
    private async Task<byte[]> ForgeAsync()
    {
        var builder = new EnvelopeBuilder(await _stream.DraftAsync(["iran"], "good morning", static draft => draft, Token));
        foreach (var mediator in _relay.Cast.Mediators.Values)
        {
            using var nobody = PrivateJwk.Generate(JwkKind.P256, "nobody");
            using var signer = new LocalSigner(nobody, mediator.KeyId);
            await builder.SignAsync(signer, Token);
        }
        return builder.ToWire();
    }

    // Answers when it is in the ledger.
    private async Task PostAsync(byte[] wire)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = _relay.Stack.Endpoints.Http };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/envelopes", UriKind.Relative));
        request.Content = new ByteArrayContent(wire) { Headers = { ContentType = new(Envelope.MediaType) } };
        request.Headers.Add("Prefer", "wait=60");
        using var answer = await client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private async Task SendAsync(byte[] wire)
    {
        await using var sender = _relay.Bus.CreateSender(Normal);
        await sender.SendMessageAsync(new ServiceBusMessage(wire), Token);
    }
}

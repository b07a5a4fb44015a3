using System.Globalization;
using System.Net;
using Relay.Azure.Ledger;
using Relay.Checker;
using Relay.Cli.Targets;
using Relay.Local.Chaos;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.IntegrationTests.Chaos;

/// <summary>
/// Each dependency in each trouble under the genuine host and worker, while envelopes go through: what health and HTTP say, that nothing
/// is lost or dead-lettered, and the table of it; so for the name of one, the vault's, as the system's resolver asks for it. With
/// <c>RELAY_FAULT_MATRIX=1</c> all of it, with a word's beginning there (<c>bus</c>, <c>vault=slow</c>, <c>dns</c>) those, else one
/// trouble of each dependency; <c>RELAY_FAULT_MATRIX_OUT</c> names a file for the table.
/// </summary>
public sealed class DependencyMatrixTests(DisturbedRelay relay) : IClassFixture<DisturbedRelay>
{
    private const int Batches = 4;
    private const int BatchSize = 3;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(700);

    private static readonly string[] Some = ["bus=slow:2s", "vault=down", "ledger=erroring", "directory=down", "clock=-10m"];

    private static readonly string[] All =
    [
        "steady=back",
        .. from dependency in (string[])["bus", "vault", "ledger", "directory"]
           from trouble in (string[])["down", "slow:2s", "erroring", "drop"]
           select $"{dependency}={trouble}",
        "clock=+10m", "clock=-10m", "steady=back",
    ];

    // Of the vault's name, as the worker's resolver asks for it.
    private static readonly string[] SomeNames = ["dns=down"];

    private static readonly string[] AllNames = ["dns=down", "dns=silent", "dns=slow:4s", "dns=erroring"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dependencies_InTroubleUnderLoad_LoseNothingAndAreTold()
    {
        await RunAllAsync(Some, All);
    }

    [Fact]
    public async Task Name_InTroubleUnderLoad_LosesNothingAndIsTold()
    {
        Assert.SkipWhen(relay.Names is null, relay.NoNames);
        await RunAllAsync(SomeNames, AllNames);
    }

    [Fact]
    public async Task Administration_TakesWordsOfThisMachineAlone_AndAllOrNone()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal((HttpStatusCode.OK, "bus=back"), await AskAsync(http, HttpMethod.Get, "", null));
        var (status, said) = await AskAsync(http, HttpMethod.Put, "bus=erroring vault=sideways", null);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("expected", said);
        Assert.Equal((HttpStatusCode.BadRequest, "expected"), await AskAsync(http, HttpMethod.Put, " ", null));
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "expected"), await AskAsync(http, HttpMethod.Post, "bus=back", null));
        Assert.Equal((HttpStatusCode.Forbidden, "Expected"), await AskAsync(http, HttpMethod.Put, "bus=down", "evil.example"));
        Assert.Equal((HttpStatusCode.OK, "bus=back"), await AskAsync(http, HttpMethod.Put, "directory=back clock=0", null));
    }

    private async Task<(HttpStatusCode Status, string FirstWord)> AskAsync(HttpClient http, HttpMethod method, string words, string? host)
    {
        using var request = new HttpRequestMessage(method, relay.Administration);
        if (method != HttpMethod.Get) request.Content = new StringContent(words);
        request.Headers.Host = host;
        using var answer = await http.SendAsync(request, Cancel);
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync(Cancel)).Split(' ')[0]);
    }

    private async Task RunAllAsync(string[] some, string[] all)
    {
        var asked = Environment.GetEnvironmentVariable("RELAY_FAULT_MATRIX");
        var cells = asked is null ? some : asked == "1" ? all : [.. all.Where(cell => cell.StartsWith(asked, StringComparison.Ordinal))];
        // What no row begins with is a slip; what the other test's do is not this one's.
        Assert.True(asked is null or "1" || All.Concat(AllNames).Any(cell => cell.StartsWith(asked, StringComparison.Ordinal)), asked);
        Assert.SkipWhen(cells.Length == 0, $"RELAY_FAULT_MATRIX={asked} asks for none of these");

        // What a first call costs is no trouble's.
        if (relay.Accepted == 0) await RunAsync("steady=back");
        foreach (var cell in cells) await relay.Table.AddAsync(await RunAsync(cell), Cancel);
        TestContext.Current.SendDiagnosticMessage("{0}", relay.Table);
        await JudgeAsync();
    }

    private async Task<string[]> RunAsync(string cell)
    {
        var (dependency, trouble) = (cell.Split('=')[0], cell.Split('=')[1]);
        var isLost = trouble is "down" or "silent" || trouble.StartsWith("slow", StringComparison.Ordinal);
        var down = (dependency == "dns" ? "vault" : dependency) + "-down";
        var normal = await relay.SignAsync(Lane.Normal, Batches * BatchSize);
        var urgent = (await relay.SignAsync(Lane.Urgent, 1))[0];
        await relay.AwaitReadyAsync(static said => said == "ready", cell);
        var (sent, accepted, repeated) = (await relay.SentAsync(), relay.Accepted, relay.Repeated());

        var resolved = relay.Names?.Asked;
        Begin(dependency, trouble);
        var sending = SendAsync(normal);
        var (said, known) = ("ready", "-");
        if (isLost)
        {
            var within = await relay.AwaitReadyAsync(text => text.StartsWith(down, StringComparison.Ordinal), cell);
            (said, known) = (down, Seconds(within));
        }

        var posted = await relay.PostAsync(urgent);
        if (isLost) Assert.Equal("503 read-only", posted);
        else Assert.True(posted is "202" || posted.StartsWith("503 ", StringComparison.Ordinal), $"{cell}: {posted}");
        await sending;

        if (dependency == "dns") Assert.True(relay.Names!.Asked > resolved, $"{cell}: nobody asked for the name");
        End(dependency);
        var back = await relay.AwaitReadyAsync(static text => text == "ready", cell);
        var again = TimeProvider.System.GetTimestamp();
        for (var answer = posted; answer != "202"; answer = await relay.PostAsync(urgent))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(again) < TestDeadline.Default, $"{cell}: refused for long after it: {answer}");
        }

        var arrived = await relay.AwaitArrivalsAsync(cell);
        Assert.Equal(0, relay.DeadLettered());
        var ratio = (double)(await relay.SentAsync() - sent) / (relay.Accepted - accepted);
        return
        [
            cell, said, known, posted, Seconds(back), Seconds(arrived),
            (relay.Repeated() - repeated).ToString(CultureInfo.InvariantCulture), ratio.ToString("0.00", CultureInfo.InvariantCulture),
        ];
    }

    private async Task SendAsync(List<byte[]> wires)
    {
        foreach (var batch in wires.Chunk(BatchSize))
        {
            await relay.SendAsync(batch);
            await Task.Delay(Pace, TimeProvider.System, Cancel);
        }
    }

    // Connections last longer than a test waits: those by the name are cut, once, so that it is asked for.
    private void Begin(string dependency, string trouble)
    {
        if (dependency == "dns") relay.Names!.Trouble = trouble;
        Apply(dependency switch
        {
            "dns" => "vault=drop",
            "steady" => "all=back",
            _ => $"{dependency}={trouble}",
        });
    }

    private void End(string dependency)
    {
        if (dependency == "dns") relay.Names!.Trouble = "back";
        else Apply(dependency == "clock" ? "clock=0" : "all=back");
    }

    private void Apply(string text)
    {
        Assert.True(ChaosWord.TryParse(text, out var word, out var error), error);
        relay.Chaos.Apply(word);
    }

    // By the checker, which shares no code with the relay's ledger.
    private async Task JudgeAsync()
    {
        var checker = new LedgerChecker(
            new StoreToCheck(LedgerStores.ReadFolder(relay.LedgerFolder)),
            (id, token) => VaultPublicKeys.FindAsync(relay.Vault, id, token),
            (id, token) => VaultPublicKeys.FindMediatorAsync(relay.Vault, id, token));
        var report = Assert.Single((await checker.CheckAsync(null, Cancel)).Ledgers);
        Assert.True(report.IsProved, string.Join('\n', report.Findings.Concat(report.Unproved)));
        Assert.Equal(relay.Accepted, report.Envelopes);
        Assert.Equal(0, report.Held);
        Assert.Equal(0, report.Evidence);
        Assert.Equal(0, relay.DeadLettered());
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}

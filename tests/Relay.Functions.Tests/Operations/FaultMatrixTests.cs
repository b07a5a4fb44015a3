using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Core.Health;

namespace Relay.Functions.Tests.Operations;

/// <summary>
/// Each dependency down, slow, erring one call in two, and back: what the relay does over HTTP, what health says, and how soon, at the
/// worst moment of the probes' rhythm. What comes out is the table of the README.
/// </summary>
public sealed class FaultMatrixTests : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private static readonly HealthOptions Settings = new();

    private readonly FunctionsFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Dependencies_InEachTrouble_AreMetAsTheReadmeSays()
    {
        var table = new StringBuilder("| dependency | trouble | known within, at most | `POST /envelopes` | `GET /health/ready` |\n");
        table.Append("| --- | --- | --- | --- | --- |\n");
        foreach (var dependency in Enum.GetValues<Dependency>())
        {
            foreach (var (trouble, fault) in new (string, Func<int, Answer>)[]
            {
                ("down", _ => new(TimeSpan.Zero, false)),
                ("slow: answers after 2 s", _ => new(TimeSpan.FromSeconds(2), true)),
                ("erring one call in two", call => new(TimeSpan.Zero, call % 2 == 0)),
            })
            {
                var lost = Worst(dependency, fault, isBack: false);
                await AppendAsync(table, dependency, trouble, lost);
                if (lost is null) continue;
                Assert.InRange(lost.Value, TimeSpan.Zero, TimeSpan.FromSeconds(2));
                var back = Worst(dependency, fault, isBack: true);
                Assert.InRange(back!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(5));
                await AppendAsync(table, dependency, "back from it", back);
            }
        }

        var readme = await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Operations", "README.md"), TestContext.Current.CancellationToken);
        Assert.True(readme.Contains(table.ToString(), StringComparison.Ordinal), $"expected this table in README.md:\n{table}");
    }

    private async Task AppendAsync(StringBuilder table, Dependency dependency, string trouble, TimeSpan? within)
    {
        var known = within is { } time ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s") : "-";
        table.Append(
            CultureInfo.InvariantCulture,
            $"| {dependency.ToText()} | {trouble} | {known} | {await SubmitAsync()} | {await ReadyAsync()} |\n");
    }

    // The longest over every moment at which it may begin between two probes; null when it never becomes known.
    private TimeSpan? Worst(Dependency dependency, Func<int, Answer> fault, bool isBack)
    {
        TimeSpan? worst = TimeSpan.Zero;
        for (var at = TimeSpan.FromSeconds(3); at < TimeSpan.FromSeconds(3) + Settings.ProbeEvery; at += 5 * Step)
        {
            var known = Run(dependency, fault, at, isBack);
            if (known is null || worst is null) worst = null;
            else if (known > worst) worst = known;
        }

        return worst;
    }

    // The watch's own rules over a made-up clock, until the circuit knows, or for a minute.
    private TimeSpan? Run(Dependency dependency, Func<int, Answer> fault, TimeSpan at, bool isBack)
    {
        var circuit = _fixture.Create<DependencyCircuit>();
        circuit.Note(dependency, true);
        if (isBack)
        {
            circuit.Note(dependency, false);
            circuit.Note(dependency, false);
        }

        var clock = TimeSpan.Zero;
        for (var call = 0; clock < at + TimeSpan.FromMinutes(1); call++)
        {
            var isWell = clock >= at == isBack;
            var answer = isWell ? new(TimeSpan.Zero, true) : fault(call);
            var isLate = answer.After > Settings.ProbeTimeout;
            var works = isLate ? ProbeSchedule.JudgeLate(Settings.ProbeTimeout, Settings.ProbeTimeout) : answer.Works;
            clock += isLate ? Settings.ProbeTimeout : answer.After;
            if (circuit.Note(dependency, works!.Value) && clock >= at) return clock - at;
            clock += ProbeSchedule.PauseAfter(works, Settings.ProbeEvery);
        }

        return null;
    }

    private async Task<string> SubmitAsync()
    {
        var context = Context("POST");
        context.Request.Body = new MemoryStream(await _fixture.Negotiation.SignAsync("qatar", "oman"));
        var answer = await _fixture.Create<SubmitEnvelope>().RunAsync(context.Request, TestContext.Current.CancellationToken);
        return await StatusAsync(context, answer);
    }

    private async Task<string> ReadyAsync()
    {
        var context = Context("GET");
        return await StatusAsync(context, _fixture.Create<Health>().Ready(context.Request));
    }

    private static async Task<string> StatusAsync(DefaultHttpContext context, IActionResult answer)
    {
        await answer.ExecuteResultAsync(new ActionContext { HttpContext = context });
        var body = JsonNode.Parse(((MemoryStream)context.Response.Body).ToArray())!;
        if (context.Response.StatusCode < 300) return context.Response.StatusCode.ToString(CultureInfo.InvariantCulture);
        Assert.Equal("5", context.Response.Headers.RetryAfter.ToString());
        var type = ((string?)body["type"])!.Split(':')[^1];
        return type == "not-ready" ? $"503 {((string?)body["detail"])!.Split(':')[0]}" : $"503 {type}";
    }

    private static DefaultHttpContext Context(string method)
    {
        var context = new DefaultHttpContext { RequestServices = Reading.ReadingFixture.AnswerServices };
        context.Request.Method = method;
        context.Response.Body = new MemoryStream();
        return context;
    }

    private readonly record struct Answer(TimeSpan After, bool Works);
}

using System.Globalization;
using System.Net.Http.Json;
using Relay.Local;
using Relay.Testing;

namespace Relay.IntegrationTests.Dashboard;

/// <summary>
/// The dashboard while many envelopes pass: a refusal, a gap that is filled, somebody who falls silent, an operator's switch and a
/// checkpoint that is changed on the way are shown all the same. How long after each event it is shown is told in the output,
/// and not judged.
/// <c>RELAY_DASHBOARD_LOAD</c> is the load: envelopes a second, and for how many seconds they are signed before it begins.
/// </summary>
public sealed class DashboardUnderLoadTests(RelayUnderTest relay) : IClassFixture<RelayUnderTest>
{
    private const string UsualLoad = "10,10";
    private const int Rhythm = 40;

    private static readonly TimeProvider Time = TimeProvider.System;

    private readonly SentEnvelopes _us = new(relay, "us", "iran");
    private readonly SentEnvelopes _iran = new(relay, "iran", "us");

    private string State => relay.Options.StateFolder;

    private string Negotiation => relay.Options.Negotiation;

    [Fact]
    public async Task Page_WhileManyPass_ShowsEachEvent()
    {
        var load = (Environment.GetEnvironmentVariable("RELAY_DASHBOARD_LOAD") ?? UsualLoad).Split(',');
        var (perSecond, seconds) = (int.Parse(load[0], CultureInfo.InvariantCulture), int.Parse(load[1], CultureInfo.InvariantCulture));
        var https = relay.Stack.Endpoints.Https;
        var keys = Path.Combine(State, "keys.json");
        var exported = await RelayProgram.RunAsync(State, null, "keys", "export", "--state", State, "--out", keys);
        Assert.True(exported.ExitCode == 0, exported.Errors);
        await using var page = await BrowserPage.OpenAsync(https, LocalCertificates.ClientPath(State, "iran"));
        // One after the other, so many that a gap of the machine's counts for little.
        for (var i = 0; i < Rhythm; i++) await _us.PostAsync(await _us.NextAsync());
        await page.DoAsync("goto", new { url = $"{new Uri(https, "api/dashboard")}#negotiation={Negotiation}" });
        await page.DoAsync("file", new { selector = "#keys", path = keys });
        await page.SeesAsync("#proof.good", "Verified here");

        var signed = new Queue<byte[]>(await _iran.NextAsync(perSecond * seconds));
        await using (var steady = new SteadyLoad(
            relay.Bus,
            SentEnvelopes.Queue,
            perSecond,
            async _ => signed.TryDequeue(out var wire) ? wire : await _iran.NextAsync(),
            Time))
        {
            await page.SeesAsync("#senders", "iran[1-9]");
            await ShowEventsAsync(page);
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{steady.Sent} envelopes beside it, {steady.PerSecond:0.0}/s, {signed.Count} left of those that were signed before"));
        }

        await page.AssertUntroubledAsync();
        Assert.Empty((await page.DoAsync("axe"))["violations"]!.AsArray());
    }

    private async Task ShowEventsAsync(BrowserPage page)
    {
        await ShownAsync(
            page, "silence, once many pass", () => Task.CompletedTask, "#alarms", "us has been silent for longer than 99 in 100");
        await ShownAsync(page, "an envelope", async () => await _us.SendAsync(await _us.NextAsync()), "#senders", $"us{Rhythm + 1}");
        await ShownAsync(
            page, "a refusal", async () => await _us.SendAsync(await _us.ForgeAsync()), "#reasons", "quorum_not_met10|bad_signature10");
        var (missing, next) = (await _us.NextAsync(), await _us.NextAsync());
        await ShownAsync(page, "a gap", () => _us.SendAsync(next), "#streams", $"us/normal{Rhythm + 1}1us/normal/{Rhythm + 2}");
        await ShownAsync(page, "the gap filled", () => _us.SendAsync(missing), "#streams", $"us/normal{Rhythm + 3}0–");
        await ShownAsync(page, "a changed checkpoint", () => ChangeAsync(page, 60), "#proof.bad", "Does not hold");
        await ShownAsync(page, "the right one again", () => ChangeAsync(page, null), "#proof.good", "Verified here");
        // Last: what came meanwhile comes again later, each sender's in order, so the ledger stands still for some seconds afterwards.
        await ShownAsync(page, "read-only", () => SetModeAsync("read-only"), "#now", "Moderead-onlyverified here");
        await ShownAsync(page, "open", () => SetModeAsync("open"), "#now", "Modeopenverified here");
    }

    // From when it is done to when it is shown.
    private static async Task ShownAsync(BrowserPage page, string what, Func<Task> act, string selector, string text)
    {
        await act();
        var done = Time.GetTimestamp();
        await page.SeesAsync(selector, text);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what}: shown {Time.GetElapsedTime(done).TotalMilliseconds:0} ms after it"));
    }

    private static async Task ChangeAsync(BrowserPage page, int? at) => await page.DoAsync("change", new { path = "/checkpoint", at });

    private async Task SetModeAsync(string mode)
    {
        using var client = LocalCertificates.OpenClient(relay.Stack.Endpoints, LocalCertificates.Operator(State, Time));
        using var answer = await client.PutAsJsonAsync(
            new Uri($"api/negotiations/{Negotiation}/mode", UriKind.Relative), new { mode }, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
    }
}

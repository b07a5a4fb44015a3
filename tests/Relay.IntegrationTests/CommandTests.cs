using System.Net;
using System.Text.Json.Nodes;
using Relay.Local;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>The <c>relay</c> command as people use it: the stack a process, and each command at least once another.</summary>
public sealed class CommandTests : CommandStack
{
    [Fact]
    public async Task Envelopes_SubmittedEachWay_AreHeardAndTheStackStopsCleanly()
    {
        var listening = RunApartAsync("listen", "iran", "--count", "3");
        await SucceedApartAsync("sign", "--from", "us", "--to", "iran", "--text", "By the queue.", "--out", PathOf("one.json"));
        await SucceedApartAsync("submit", PathOf("one.json"));
        await SignAsync("two.json", "By HTTP, urgently.", "urgent");
        await SucceedApartAsync("submit", PathOf("two.json"), "--http");
        await SignAsync("three.json", "By any HTTP client.", "normal");
        using var answer = await PostAsync(await File.ReadAllBytesAsync(PathOf("three.json"), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("/api/envelopes/doha-2026/us/normal/2", answer.Headers.Location?.OriginalString);

        var (code, heard, errors) = await listening;
        Assert.True(code == 0, errors);
        Assert.Contains("doha-2026/us/normal/1 signed by us#1 through oman, qatar, swiss, weight 4 of 3", heard, StringComparison.Ordinal);
        foreach (var said in new[] { "By the queue.", "By HTTP, urgently.", "By any HTTP client." })
        {
            Assert.Contains(said, heard, StringComparison.Ordinal);
        }

        using var http = new HttpClient();
        var status = await http.GetStringAsync(
            new Uri(LocalEndpoints.TryRead(State)!.ServiceBusStatus!, "status.json"), TestContext.Current.CancellationToken);
        Assert.Contains("delegation-iran/Subscriptions/inbox", status, StringComparison.Ordinal);

        Assert.Equal(0, await StopAsync());
        Assert.False(File.Exists(Path.Combine(State, "endpoints.json")));
    }

    [Fact]
    public async Task Worker_OfTheStack_IsItsChildAndEndsWhenTheStackIsKilled()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Parents and command lines are read from /proc.");
        var worker = Assert.Single(Signals.ChildrenOf(StackId, "Relay.Functions.dll"));
        using (var http = new HttpClient())
        {
            var live = new Uri(LocalEndpoints.TryRead(State)!.Http, "api/health/live");
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(live, TestContext.Current.CancellationToken)).StatusCode);
        }

        Assert.False(Signals.IsGone(worker));
        await KillAsync();
        await TestDeadline.Until(() => Signals.IsGone(worker), $"worker {worker} is gone");
    }

    [Fact]
    public async Task Keys_CreatedListedAndDisabled_AreSeenByTheRelay()
    {
        var created = (await SucceedApartAsync("keys", "create", "mediator-qatar")).Trim();
        Assert.Contains(created.Split('/')[^1], await SucceedApartAsync("keys", "list"), StringComparison.Ordinal);
        await SignAsync("signed-before.json", "Signed before the key was disabled.", "normal");
        Assert.Contains(created, await SucceedApartAsync("keys", "disable", "mediator-qatar"), StringComparison.Ordinal);
        using var answer = await PostAsync(
            await File.ReadAllBytesAsync(PathOf("signed-before.json"), TestContext.Current.CancellationToken));
        Assert.Equal(
            "urn:relay:envelope-not-proved", (await ProblemAsync(answer, HttpStatusCode.UnprocessableEntity))["type"]!.GetValue<string>());
    }

    [Fact]
    public async Task Demo_AgainstARunningRelay_IsRightAndLeavesWhatIsNotItsOwn()
    {
        var demo = await SucceedApartAsync("demo", "--against", "local", "--envelopes", "200");
        Assert.Contains("each for its own reason", demo, StringComparison.Ordinal);
        foreach (var document in Directory.EnumerateFiles(Path.Combine(State, "directory"), "demo-*.json"))
        {
            Assert.Equal(
                "closed",
                JsonNode.Parse(await File.ReadAllBytesAsync(document, TestContext.Current.CancellationToken))!["mode"]!.GetValue<string>());
        }

        await SignAsync("real.json", "Not of the demo.", "normal");
        await SucceedAsync("submit", PathOf("real.json"));
        var (code, _, errors) = await RunAsync("demo", "--against", "local", "--envelopes", "200");
        Assert.Equal(1, code);
        Assert.Contains("doha-2026/us/normal/1", errors, StringComparison.Ordinal);
        // It comes again, among what that demo had no time to take away.
        using var listening = Start("listen", "iran");
        try
        {
            while (await TestDeadline.Within(
                listening.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()) is { } line
                && !line.Contains("Not of the demo.", StringComparison.Ordinal))
            {
            }

            Assert.False(listening.HasExited);
        }
        finally
        {
            listening.Kill(entireProcessTree: true);
        }
    }
}

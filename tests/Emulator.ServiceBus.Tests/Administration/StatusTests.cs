using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json.Nodes;
using Emulator.ServiceBus.Administration;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Administration;

/// <summary>Status page, its JSON and the meter, after a client nobody here wrote did known things.</summary>
public sealed class StatusTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Status_AfterAClientsWork_ShowsItAndTheCreditsOfIt()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, AdminPort = 0, Topology = SampleTopology.Create() }, Cancel);
        var port = emulator.AmqpEndpoint.Port.ToString(CultureInfo.InvariantCulture);
        (
            await NodeRunner.RunAsync(["@azure/service-bus@7.9.5", "rhea@3.0.5"], "Node/rhea.mjs", ["127.0.0.1", port], null, Cancel))
            .AssertSucceeded();
        using var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{emulator.AdminPort}/") };
        using (await http.GetAsync("q1?api-version=2021-05", Cancel))
        {
            // One management operation: ten credits.
        }

        var status = JsonNode.Parse(await http.GetStringAsync("status.json", Cancel))!;

        var totals = status["totals"]!;
        var (sent, delivered) = ((long)totals["messagesSent"]!, (long)totals["messagesDelivered"]!);
        Assert.True(sent >= 3000 && delivered >= 3000, $"sent {sent}, delivered {delivered}");
        Assert.True((long)totals["messagesSettled"]! >= 3000);
        Assert.Equal(1, (long)totals["managementOperations"]!);
        var others = (long)totals["messageOperations"]! + (long)totals["filterEvaluations"]!;
        Assert.Equal(sent + delivered + others + 10, (long)status["credits"]!["wouldHaveCharged"]!);
        Assert.Contains("service-bus-throttling", (string)status["credits"]!["source"]!, StringComparison.Ordinal);
        Assert.Equal(
            emulator.Snapshot().Entities.Select(entity => entity.Path),
            status["entities"]!.AsArray().Select(entity => (string)entity!["path"]!));
    }

    [Fact]
    public async Task Page_WithHostileNames_IsInertAndLoadsNothing()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                AmqpPort = 0,
                AdminPort = 0,
                Topology = new() { Name = "<script>alert(1)</script>", Queues = [new QueueSettings { Name = "orders" }] },
            }, Cancel);
        using var http = new HttpClient { BaseAddress = new Uri($"http://localhost:{emulator.AdminPort}/") };

        using var response = await http.GetAsync("", Cancel);
        var page = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<td>orders</td>", page, StringComparison.Ordinal);
        Assert.DoesNotContain(" src=", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Credits_OfKnownCounts_AreThoseOfThePage()
    {
        var counters = new BrokerCounters();
        counters.Sent(messages: 50, filters: 3);
        counters.Delivered(7);
        counters.Settled();
        counters.Operated();
        counters.Managed();
        counters.Managed();

        // One batch, seven receives, one peek, 150 filter evaluations, two management operations; a settlement has no price.
        Assert.Equal(1 + 7 + 1 + 150 + 20, counters.Totals().Credits);
        Assert.Equal(0, counters.Totals().Since(counters.Totals()).Credits);
    }

    [Fact]
    public async Task Meter_WhenListenedTo_TellsTotalsAndStates()
    {
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                AmqpPort = 0,
                Topology = new() { Queues = [.. Enumerable.Range(0, 17).Select(number => new QueueSettings { Name = $"q{number}" })] },
            }, Cancel);
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == BrokerMetrics.MeterName) listening.EnableMeasurementEvents(instrument);
        };
        void Take(string name, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var key = name + string.Concat(tags.ToArray().Select(tag => $" {tag.Value}"));

            // Other tests of this process have meters of that name, too.
            seen[key] = Math.Max(value, seen.GetValueOrDefault(key));
        }

        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument.Name, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.True(seen["relay.servicebus.entities queue"] >= 17);
        foreach (var name in new[]
        {
            "sends",
            "messages.sent",
            "messages.delivered",
            "messages.settled",
            "credits",
            "connections",
            "messages active",
            "messages dead-lettered",
        })
        {
            Assert.Contains($"relay.servicebus.{name}", seen);
        }
    }

    [Fact]
    public void Span_OfAnyAge_ReadsWell()
    {
        var now = DateTimeOffset.UnixEpoch;
        var report = new StatusReport(
            "n",
            now - TimeSpan.FromHours(30),
            now,
            IsHealthy: false,
            0,
            new StatusCounts(0, 0, 0, 0, 0, 0),
            new StatusRates(0, 0, 0, 1),
            new StatusCredits(0, 0, 1000, "s"),
            [new StatusEntity("q", "Queue", "Active", 1234567, 1, 0, 0, 7260, 2)]);

        var page = StatusPage.Render(report);

        foreach (var expected in new[] { "up 1.3 d", "Unhealthy", "1,234,567", "2.0 h" })
        {
            Assert.Contains(expected, page, StringComparison.Ordinal);
        }
    }
}

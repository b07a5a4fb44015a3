using System.Globalization;
using Emulator.Amqp.Framing;
using Emulator.Amqp.Tests.Peers;
using Relay.Testing;

namespace Emulator.Amqp.Tests.Client;

/// <summary>The server side against rhea 3.0.5, which nobody here wrote.</summary>
public sealed class RheaTests
{
    [Fact]
    public async Task Listener_RheaClient_SendsReceivesDrainsAndIsRefused()
    {
        var broker = new TestBroker();
        await using var listener = broker.Listen();
        var script = Path.Combine(AppContext.BaseDirectory, "Client", "rhea-peer.mjs");
        var result = await NodeRunner.RunAsync(
            ["rhea@3.0.5"],
            script,
            [listener.EndPoint.Port.ToString(CultureInfo.InvariantCulture)],
            null,
            TestContext.Current.CancellationToken);
        result.AssertSucceeded();
        Assert.Contains("rhea is content", result.Output, StringComparison.Ordinal);
        Assert.Equal(200, broker.Queue("rhea").Settled);

        // rhea merges the dispositions of two neighbours without comparing their states, so how many of each come depends on its batches.
        Assert.Contains(broker.Queue("rhea").Outcomes, outcome => outcome is Modified { UndeliverableHere: true });
        Assert.Contains(broker.Queue("rhea").Outcomes, outcome => outcome is Accepted);
        await TestDeadline.Until(() => broker.ClosedWith.Count == 1, "the close");
        Assert.Null(Assert.Single(broker.ClosedWith));
    }
}

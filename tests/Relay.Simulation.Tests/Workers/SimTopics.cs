using Relay.Protocol.Envelopes;
using Relay.Simulation.Tests.Bus;
using Relay.Simulation.Tests.Kernel;

namespace Relay.Simulation.Tests.Workers;

/// <summary>The topics as one worker reaches them: a send that failed may have arrived.</summary>
internal sealed class SimTopics(SimBus bus, SimCalls calls)
{
    /// <summary>Sends to every addressee; true when all have it.</summary>
    public async Task<bool> SendToAllAsync(Envelope envelope, long index, ReadOnlyMemory<byte> receipt, CancellationToken cancellationToken)
    {
        var all = true;
        foreach (var name in envelope.Head.Audience)
        {
            all &= await SendAsync("delegation-" + name, envelope, index, receipt, cancellationToken).ConfigureAwait(false);
        }

        return all;
    }

    private async Task<bool> SendAsync(
        string topic, Envelope envelope, long index, ReadOnlyMemory<byte> receipt, CancellationToken cancellationToken)
    {
        try
        {
            return await calls.CallAsync(
                "topic",
                torn =>
                {
                    if (!torn)
                    {
                        bus.Publish(topic, new SimBus.Forwarded(envelope.Id, envelope.Wire.ToArray(), index, receipt.ToArray(), bus.Now));
                    }
                    return true;
                },
                () => new TimeoutException("simulated failure"),
                cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

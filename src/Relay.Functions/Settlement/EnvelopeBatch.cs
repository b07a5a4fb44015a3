using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Relay.Core.Ledger.Commit;
using Relay.Protocol.Envelopes;

namespace Relay.Functions.Settlement;

/// <summary>
/// What both queue functions do with what the host brings: every message by itself, all at once, so that envelopes of one
/// negotiation share its commits.
/// </summary>
/// <remarks>
/// A message never fails its neighbours, because <see cref="EnvelopeProcessor"/> does not throw: a throw would have the host abandon
/// whatever of the batch is not settled yet. They are begun in the bus's order, which is mostly that of the senders.
/// </remarks>
public sealed class EnvelopeBatch(EnvelopeProcessor processor)
{
    // As many as a commit takes; host.json asks for fewer, but that can be overridden by a setting.
    private const int MostAtOnce = 256;

    /// <param name="messages">As received; none of them is settled yet.</param>
    /// <param name="actions">Settles them.</param>
    /// <param name="queue">The queue they came off.</param>
    /// <param name="cancellationToken">The host is stopping: what is not done is given back.</param>
    /// <returns>Done once each message is settled, or left to its lock.</returns>
    public async Task ProcessAsync(
        IReadOnlyList<ServiceBusReceivedMessage> messages,
        ServiceBusMessageActions actions,
        Lane queue,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        foreach (var some in messages.Chunk(MostAtOnce))
        {
            await Task.WhenAll(Begin(some, actions, queue, cancellationToken));
        }
    }

    // As far as each gets without waiting, mostly to the commit, which they then do together.
    private List<Task> Begin(
        ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, Lane queue, CancellationToken cancellationToken)
    {
        using var gathering = new CommitGathering();
        return [.. messages.Select(message => processor.ProcessAsync(message, actions, queue, gathering, cancellationToken))];
    }
}

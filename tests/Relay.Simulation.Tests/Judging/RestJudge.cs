using Relay.Core.Ledger.State;
using Relay.Simulation.Tests.Bus;
using Relay.Simulation.Tests.Ledgers;

namespace Relay.Simulation.Tests.Judging;

/// <summary>
/// Whether a world without faults came to an end with everything: nothing waits on the queue, what was committed is forwarded,
/// what stands behind heads is little, and nothing is held but for what never came.
/// </summary>
internal sealed class RestJudge(Plan plan, SimStore store, SimBus bus, DateTimeOffset end)
{
    // What may stay, and one commit's more.
    private const int MaxStaged = 4 * 65_536;

    /// <exception cref="Xunit.Sdk.XunitException">Something was left undone; the message says what.</exception>
    public void Check()
    {
        Assert.True(bus.IsEmpty, "messages wait on the queue and nobody takes them");
        foreach (var negotiation in Envelopes.Negotiations)
        {
            if (store.Get(LedgerPaths.Head(negotiation)) is { } blob) Check(negotiation, blob);
        }
    }

    private void Check(string negotiation, SimStore.Blob blob)
    {
        Assert.True(HeadCodec.TryRead(blob.Content, out var head, out _, out var error), error);
        var staged = head.Staged?.Bytes.Length ?? 0;
        Assert.True(staged <= MaxStaged, $"{negotiation}: {staged} bytes stand behind the head, and nobody publishes them");
        // Others may stand here though they were forwarded, by a worker that died before that was recorded.
        foreach (var entry in head.State.Outstanding.Where(entry => entry.Released is not null))
        {
            Assert.True(entry.ExpiresAt <= end, $"{negotiation}: entry {entry.Index} is not known to be forwarded, and nobody forwards it");
        }

        foreach (var stream in head.State.Streams.Where(stream => stream.Held.Length > 0))
        {
            var planned = plan.Streams.Single(
                each => (each.Stream.Negotiation, each.Stream.Sender, each.Stream.Lane) == (negotiation, stream.Sender, stream.Lane));
            Assert.False(planned.Honest, $"{planned.Stream}: {stream.Held.Length} are held, and all of the stream came");
            // The one that it waits for never came, or came to be refused.
            var next = planned.Said.Where(said => said.Id.Sequence == stream.Last + 1).ToList();
            Assert.True(
                next.Count == 0 || planned.ShortLived || next.TrueForAll(said => IsRefused(said, stream.Digest)),
                $"{planned.Stream}: {stream.Last + 1} came, and those after it are held");
        }
    }

    private bool IsRefused(Said said, Protocol.Text.Digest last) =>
        bus.DeadLetters.Exists(letter => letter.Body == said.Wire) || said.Envelope.Head.Previous != (last == default ? null : last);
}

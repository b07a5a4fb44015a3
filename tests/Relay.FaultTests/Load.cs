using System.Text;
using Azure.Messaging.ServiceBus;
using Relay.Protocol.Encoding;
using Relay.Protocol.Envelopes;

namespace Relay.FaultTests;

/// <summary>Envelopes of a few streams, chained, sent to the queue out of order and some of them twice. Remembers what the bus has accepted. Not for concurrent use.</summary>
internal sealed class Load(RelayInPieces relay, ServiceBusSender queue, IReadOnlyList<string> senders, Random random)
{
    private readonly Dictionary<string, Digest> _last = [];
    private readonly Dictionary<string, long> _sequences = [];

    /// <summary>Wire bytes by envelope id, of those that the bus has.</summary>
    public Dictionary<string, byte[]> Accepted { get; } = [];

    /// <summary>Makes and sends a burst.</summary>
    public async Task SendAsync(int count, CancellationToken cancellationToken)
    {
        var burst = new List<(string Id, byte[] Wire)>();
        for (var i = 0; i < count; i++) burst.Add(await MakeAsync(senders[random.Next(senders.Count)], cancellationToken));
        var order = burst.Concat(burst.Where(_ => random.Next(6) == 0)).Select((item, place) => (item, Key: place + random.Next(5))).OrderBy(item => item.Key).Select(item => item.item).ToList();
        foreach (var (id, wire) in order)
        {
            await queue.SendMessageAsync(new ServiceBusMessage(wire) { MessageId = Guid.NewGuid().ToString("N") }, cancellationToken);
            Accepted[id] = wire;
        }
    }

    private async Task<(string Id, byte[] Wire)> MakeAsync(string sender, CancellationToken cancellationToken)
    {
        var sequence = _sequences[sender] = _sequences.GetValueOrDefault(sender) + 1;
        var now = TimeProvider.System.GetUtcNow();
        var payload = EnvelopePayload.Create(new EnvelopeDraft
        {
            Id = new EnvelopeId(RelayInPieces.Negotiation, sender, Lane.Normal, sequence),
            Audience = [senders[(senders.ToList().IndexOf(sender) + 1) % senders.Count]],
            Previous = sequence == 1 ? null : _last[sender],
            IssuedAt = now,
            ExpiresAt = now + TimeSpan.FromHours(5),
            Content = Encoding.UTF8.GetBytes($$"""{"ciphertext":"{{Guid.NewGuid():N}}"}"""),
        });
        _last[sender] = payload.Digest;
        var builder = new EnvelopeBuilder(payload);
        foreach (var signer in relay.Signers) await builder.SignAsync(signer, cancellationToken);
        return (payload.Id.ToString(), builder.ToWire());
    }
}

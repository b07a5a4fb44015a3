using System.Text;
using Azure.Messaging.ServiceBus;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.FaultTests;

/// <summary>
/// Envelopes of a few streams, chained, sent to the queue out of order and some
/// of them twice. Remembers what the bus has accepted. Not for concurrent use.
/// </summary>
internal sealed class Load(RelayInPieces relay, ServiceBusSender queue, Random random)
{
    private const int Streams = 3;
    private const int AtATime = 2;

    // Or all is sent, and committed as one group, before the app has compiled what a commit needs.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private static readonly IReadOnlyList<string> Delegations = RelayInPieces.Delegations;

    private readonly Dictionary<string, Digest> _last = [];
    private readonly Dictionary<string, long> _sequences = [];
    private int _turn;

    /// <summary>Wire bytes by envelope id, of those that the bus has.</summary>
    public Dictionary<string, byte[]> Accepted { get; } = [];

    /// <summary>The one delegation that a sender's envelopes are for.</summary>
    public static string AddresseeOf(string sender) => Delegations[(Delegations.ToList().IndexOf(sender) + 1) % Delegations.Count];

    /// <summary>
    /// Sends a burst, and then goes on with a few at a time until it is enough; of other streams than those of the last few calls.
    /// </summary>
    /// <param name="burst">How many at first.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="enough">Says that it is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task SendAsync(int burst, int most, CancellationToken enough, CancellationToken cancellationToken)
    {
        await SendAsync(burst, cancellationToken);
        for (var sent = burst; sent < most && !enough.IsCancellationRequested; sent += AtATime)
        {
            await Task.Delay(Pace, TimeProvider.System, cancellationToken);
            await SendAsync(AtATime, cancellationToken);
        }

        _turn += Streams;
    }

    private async Task SendAsync(int count, CancellationToken cancellationToken)
    {
        var burst = new List<(string Id, byte[] Wire)>();
        for (var i = 0; i < count; i++)
        {
            burst.Add(await MakeAsync(Delegations[(_turn + random.Next(Streams)) % Delegations.Count], cancellationToken));
        }
        var order = burst.Concat(burst.Where(_ => random.Next(6) == 0))
            .Select((item, place) => (item, Key: place + random.Next(5)))
            .OrderBy(item => item.Key)
            .Select(item => item.item)
            .ToList();
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
        var made = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = new EnvelopeId(RelayInPieces.Negotiation, sender, Lane.Normal, sequence),
            Audience = [AddresseeOf(sender)],
            Previous = sequence == 1 ? null : _last[sender],
            IssuedAt = now,
            ExpiresAt = now + TimeSpan.FromHours(5),
            Content = Encoding.UTF8.GetBytes($$"""{"ciphertext":"{{Guid.NewGuid():N}}"}"""),
        });
        _last[sender] = made.Digest;
        var builder = new EnvelopeBuilder(made);
        foreach (var signer in relay.Signers) await builder.SignAsync(signer, cancellationToken);
        return (made.Id.ToString(), builder.ToWire());
    }
}

using System.Text;
using Azure.Messaging.ServiceBus;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.FaultTests;

/// <summary>What reached the delegations, with the receipts that came along.</summary>
internal sealed class Arrivals(ServiceBusClient client)
{
    // A retry waits up to five minutes, and what a stream waits for may have been retried more than once.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    private readonly List<(string Delegation, byte[] Body, byte[] Receipt)> _all = [];

    public int Count => _all.Count;

    /// <summary>Receives until each of these envelopes has come once at least, and then until nothing more comes.</summary>
    public async Task ReceiveAsync(HashSet<string> awaited, Func<string> describe, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        foreach (var delegation in RelayInPieces.Delegations)
        {
            await using var receiver = client.CreateReceiver(
                $"delegation-{delegation}",
                "inbox",
                new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
            while (true)
            {
                var messages = await receiver.ReceiveMessagesAsync(100, TimeSpan.FromMilliseconds(250), cancellationToken);
                foreach (var message in messages) awaited.Remove(Take(delegation, message));
                if (messages.Count > 0) continue;
                if (!awaited.Any(id => Load.AddresseeOf(id.Split('/')[1]) == delegation)) break;
                if (TimeProvider.System.GetElapsedTime(started) > Patience)
                {
                    Assert.Fail($"never arrived: {string.Join(", ", awaited.Take(5))} and {awaited.Count} in all; {describe()}");
                }
            }
        }
    }

    /// <summary>Every arrival is what was sent, at its addressee, and its receipt holds.</summary>
    public async Task VerifyAsync(
        IReadOnlyDictionary<string, byte[]> accepted,
        string origin,
        Func<string, CancellationToken, ValueTask<PublicJwk?>> findKey,
        CancellationToken cancellationToken)
    {
        var keys = new Dictionary<string, VerificationKey>();
        using var verifier = new ReceiptVerifier(origin, id => keys.GetValueOrDefault(id.Text));
        var indices = new Dictionary<string, long>();
        foreach (var (delegation, body, text) in _all)
        {
            Assert.True(Receipt.TryParse(text, out var receipt, out _, out var error), error);
            var keyId = receipt.Certificate.SignedBy.Text;
            if (!keys.ContainsKey(keyId))
            {
                var jwk = await findKey(keyId, cancellationToken);
                Assert.NotNull(jwk);
                Assert.True(VerificationKey.TryCreate(jwk, out var key, out error), error);
                keys[keyId] = key;
            }

            Assert.True(Envelope.TryParse(body, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
            Assert.Equal(accepted[envelope.Id.ToString()], body);
            Assert.Equal([delegation], envelope.Head.Audience);
            var fault = verifier.Check(receipt, envelope.Head, TimeProvider.System.GetUtcNow(), out detail);
            Assert.True(fault == ReceiptFault.None, $"{envelope.Id}: {fault}: {detail}");
            // However often it comes, it is the same entry.
            Assert.Equal(receipt.Proof.Index, indices.GetValueOrDefault(envelope.Id.ToString(), receipt.Proof.Index));
            indices[envelope.Id.ToString()] = receipt.Proof.Index;
        }

        foreach (var key in keys.Values) key.Dispose();
    }

    private string Take(string delegation, ServiceBusReceivedMessage message)
    {
        var id = Assert.IsType<string>(message.ApplicationProperties["relay-id"]);
        _all.Add(
            (
                delegation,
                message.Body.ToArray(),
                Encoding.UTF8.GetBytes(Assert.IsType<string>(message.ApplicationProperties["relay-receipt"]))));
        return id;
    }
}

using System.Net;
using Azure.Messaging.ServiceBus;
using Relay.Cli.Demo;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.IntegrationTests.Dashboard;

/// <summary>One delegation's envelopes to another, in order, signed by every mediator. One caller at a time.</summary>
internal sealed class SentEnvelopes(RelayUnderTest relay, string sender, string addressee)
{
    public const string Queue = "envelopes";

    private readonly SenderStream _stream = new(
        relay.Options.Negotiation, relay.Cast.Document, relay.Cast.Delegations[sender], Lane.Normal, TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The next.</summary>
    public async Task<byte[]> NextAsync() => await SignAsync(await _stream.SayAsync([addressee], "good morning", Token), Token);

    /// <summary>So many, signed at the same time.</summary>
    public async Task<byte[][]> NextAsync(int count)
    {
        var said = new List<SealedEnvelope>(count);
        while (said.Count < count) said.Add(await _stream.SayAsync([addressee], "good morning", Token));
        var wires = new byte[count][];
        await Parallel.ForAsync(0, count, Token, async (i, stop) => wires[i] = await SignAsync(said[i], stop));
        return wires;
    }

    /// <summary>What would be the next, in the name of mediators, signed by others.</summary>
    public async Task<byte[]> ForgeAsync()
    {
        var builder = new EnvelopeBuilder(await _stream.DraftAsync([addressee], "good morning", static draft => draft, Token));
        foreach (var mediator in relay.Cast.Mediators.Values)
        {
            using var nobody = PrivateJwk.Generate(JwkKind.P256, "nobody");
            using var signer = new LocalSigner(nobody, mediator.KeyId);
            await builder.SignAsync(signer, Token);
        }

        return builder.ToWire();
    }

    /// <summary>Puts one on the queue.</summary>
    public async Task SendAsync(byte[] wire)
    {
        await using var bus = relay.Bus.CreateSender(Queue);
        await bus.SendMessageAsync(new ServiceBusMessage(wire), Token);
    }

    /// <summary>Posts one, and has its answer when it is in the ledger.</summary>
    public async Task PostAsync(byte[] wire)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = relay.Stack.Endpoints.Http };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("api/envelopes", UriKind.Relative));
        request.Content = new ByteArrayContent(wire) { Headers = { ContentType = new(Envelope.MediaType) } };
        request.Headers.Add("Prefer", "wait=60");
        using var answer = await client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    private async Task<byte[]> SignAsync(SealedEnvelope said, CancellationToken cancellationToken)
    {
        var builder = new EnvelopeBuilder(said);
        foreach (var mediator in relay.Cast.Mediators.Values) await builder.SignAsync(mediator, cancellationToken);
        return builder.ToWire();
    }
}

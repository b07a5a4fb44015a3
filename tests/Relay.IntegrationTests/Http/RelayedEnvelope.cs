using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Azure.Messaging.ServiceBus;
using Relay.Cli.Demo;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.IntegrationTests.Http;

/// <summary>
/// A local stack that has relayed one envelope, and who asks it over HTTP: an addressee with its certificate, and somebody without one.
/// </summary>
[CollectionDefinition(Collection)]
public sealed class RelayedEnvelope : IAsyncLifetime, ICollectionFixture<RelayedEnvelope>
{
    public const string Collection = "a relayed envelope";

    // Who asks is at one address, and asks for much that is not proved.
    private readonly RelayUnderTest _relay = new()
    {
        Settings = new Dictionary<string, string>
        {
            ["Relay__Submission__AddressPerSecond"] = "10000",
            ["Relay__Submission__AddressBurst"] = "10000",
        },
    };

    private string _tile = "";
    private string _keyId = "";

    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    internal LocalStack Stack => _relay.Stack;

    /// <summary>Shows the certificate of <c>iran</c>, over HTTPS.</summary>
    internal HttpClient Member { get; private set; } = null!;

    /// <summary>Over plain HTTP.</summary>
    internal HttpClient Nobody { get; private set; } = null!;

    internal string Negotiation => _relay.Options.Negotiation;

    internal string StateFolder => _relay.Options.StateFolder;

    internal Cast Cast => _relay.Cast;

    internal ServiceBusClient Bus => _relay.Bus;

    /// <summary>The envelope that is in the ledger: the first of <c>us</c> to <c>iran</c>.</summary>
    internal byte[] Logged { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        await _relay.InitializeAsync();
        var endpoints = Stack.Endpoints;
        Member = LocalCertificates.OpenClient(endpoints, _relay.Options.StateFolder, "iran", TimeProvider.System);
        Nobody = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = endpoints.Http };
        Member.Timeout = Nobody.Timeout = TestDeadline.Default;
        Logged = await SignAsync(Lane.Normal, 1);
        using var logged = await PostAsync(Logged, Patience);
        Assert.Equal(HttpStatusCode.Created, logged.StatusCode);
        await ReadCheckpointAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Member?.Dispose();
        Nobody?.Dispose();
        await _relay.DisposeAsync();
    }

    /// <summary>The path of one request that succeeds.</summary>
    /// <param name="route">Of one of the app's functions that read.</param>
    internal string PathOf(string route) => "api/" + route
        .Replace("{negotiation}", Negotiation, StringComparison.Ordinal)
            .Replace("{sender}/{lane}/{sequence}", "us/normal/1", StringComparison.Ordinal)
        .Replace("{digest}", _relay.Cast.Document.PolicyDigest.ToString(), StringComparison.Ordinal)
        .Replace("{keyId}", _keyId, StringComparison.Ordinal).Replace("{*path}", _tile, StringComparison.Ordinal)
        .Replace("/consistency", "/consistency?from=1&to=2", StringComparison.Ordinal)
        // Of one window whenever it is asked: what is up to now is another a moment later.
        .Replace("/signals", "/signals?until=1796000000000", StringComparison.Ordinal);

    /// <summary>An envelope of <c>us</c> to <c>iran</c> by its place in the stream, signed by every mediator.</summary>
    internal async Task<byte[]> SignAsync(Lane lane, int sequence, string text = "good morning")
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var stream = new SenderStream(Negotiation, _relay.Cast.Document, _relay.Cast.Delegations["us"], lane, TimeProvider.System);
        for (var before = 1; before < sequence; before++) await stream.SayAsync(["iran"], "before", cancellationToken);
        var builder = new EnvelopeBuilder(await stream.SayAsync(["iran"], text, cancellationToken));
        foreach (var mediator in _relay.Cast.Mediators.Values) await builder.SignAsync(mediator, cancellationToken);
        return builder.ToWire();
    }

    /// <summary>One with a mediator's key named and a signature that is none.</summary>
    internal async Task<byte[]> ForgeAsync(string negotiation, int sequence)
    {
        var now = TimeProvider.System.GetUtcNow();
        var made = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = new EnvelopeId(negotiation, "us", Lane.Normal, 1),
            Audience = ["iran"],
            IssuedAt = now,
            ExpiresAt = now.AddHours(1).AddSeconds(sequence),
            Content = """{"ciphertext":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"""u8.ToArray(),
        });
        var builder = new EnvelopeBuilder(made);
        foreach (var mediator in _relay.Cast.Mediators.Values)
        {
            using var nobody = PrivateJwk.Generate(JwkKind.P256, "nobody");
            using var signer = new LocalSigner(nobody, mediator.KeyId);
            await builder.SignAsync(signer, TestContext.Current.CancellationToken);
        }

        return builder.ToWire();
    }

    /// <summary>Posts an envelope.</summary>
    /// <param name="wait">The <c>Prefer: wait</c>; zero leaves it out.</param>
    /// <param name="chunked">Without its length.</param>
    /// <param name="traceParent">To find what it sets going; null leaves it out.</param>
    /// <param name="cancellationToken">The client goes away.</param>
    internal async Task<HttpResponseMessage> PostAsync(
        byte[] wire, TimeSpan wait, bool chunked = false, string? traceParent = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri("api/envelopes", UriKind.Relative))
        { Content = new ByteArrayContent(wire) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(Envelope.MediaType);
        if (wait > TimeSpan.Zero) request.Headers.Add("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={wait.TotalSeconds:0}"));
        if (traceParent is not null) request.Headers.Add("traceparent", traceParent);
        if (chunked) request.Headers.TransferEncodingChunked = true;
        return await Nobody.SendAsync(request, cancellationToken);
    }

    // C2SP tlog-checkpoint: origin, size, root, an empty line, then "— origin base64(key id || signature)".
    private async Task ReadCheckpointAsync()
    {
        var note = await Member.GetStringAsync(
            new Uri(PathOf("negotiations/{negotiation}/checkpoint"), UriKind.Relative), TestContext.Current.CancellationToken);
        var lines = note.Split('\n');
        _tile = $"entries/000.p/{lines[1]}";
        _keyId = Convert.ToHexStringLower(Convert.FromBase64String(lines[4].Split(' ')[2]).AsSpan(0, 4));
    }
}

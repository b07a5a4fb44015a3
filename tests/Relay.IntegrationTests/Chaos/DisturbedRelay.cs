using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using Azure.Security.KeyVault.Keys;
using Relay.Cli.Demo;
using Relay.Local;
using Relay.Local.Chaos;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.IntegrationTests.Chaos;

/// <summary>
/// A stack that is disturbed while envelopes go through it: by the queue on lane normal, over HTTP on lane urgent. Remembers what was
/// accepted, and counts what arrives, by a way around what is disturbed.
/// </summary>
public sealed class DisturbedRelay : IAsyncLifetime
{
    private readonly RelayUnderTest _relay = new()
    {
        CanBeDisturbed = true,
        Settings = new Dictionary<string, string>
        {
            ["Relay__Submission__AddressPerSecond"] = "10000",
            ["Relay__Submission__AddressBurst"] = "10000",
        },
    };

    private readonly HashSet<string> _accepted = [];
    private readonly Dictionary<string, int> _arrivals = [];
    private ServiceBusClient _aside = null!;
    private ServiceBusSender _queue = null!;
    private ServiceBusReceiver _inbox = null!;
    private HttpClient _http = null!;
    private SenderStream _normal = null!;
    private SenderStream _urgent = null!;

    /// <summary>What the vault's name is asked of; null where this machine does not let a worker have one of its own.</summary>
    internal NameServer? Names { get; private set; }

    /// <summary>Why there is none.</summary>
    internal string NoNames { get; private set; } = "";

    internal FaultTable Table { get; } = new();

    internal ChaosControl Chaos => _relay.Stack.Chaos!;

    internal Uri Administration => _relay.Stack.Endpoints.Chaos!;

    internal int Accepted => _accepted.Count;

    internal string LedgerFolder => Path.Combine(_relay.Options.StateFolder, "ledger");

    internal KeyClient Vault => _relay.Vault;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var own = Path.Combine(_relay.Options.StateFolder, "own-resolver");
        (Names, NoNames) = await OwnResolver.TryStartAsync(own, Cancel);
        if (Names is not null) _relay.WorkerFolder = own;
        await _relay.InitializeAsync();
        var endpoints = _relay.Stack.Endpoints;
        _aside = new ServiceBusClient(endpoints.ServiceBusAdmin);
        _queue = _aside.CreateSender("envelopes");
        _inbox = _aside.CreateReceiver(
            "delegation-iran", "inbox", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = endpoints.Http,
            Timeout = TestDeadline.Default,
        };
        _normal = Stream(Lane.Normal);
        _urgent = Stream(Lane.Urgent);
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_aside is not null) await _aside.DisposeAsync();
        await _relay.DisposeAsync();
        if (Names is not null) await Names.DisposeAsync();
    }

    /// <summary>Envelopes of <c>us</c> to <c>iran</c>, signed while the vault answers.</summary>
    internal async Task<List<byte[]>> SignAsync(Lane lane, int count)
    {
        var signed = new List<byte[]>();
        for (var i = 0; i < count; i++)
        {
            var stream = lane == Lane.Normal ? _normal : _urgent;
            var builder = new EnvelopeBuilder(await stream.SayAsync(["iran"], "good morning", Cancel));
            foreach (var mediator in _relay.Cast.Mediators.Values) await builder.SignAsync(mediator, Cancel);
            signed.Add(builder.ToWire());
        }

        return signed;
    }

    /// <summary>Puts them on the queue, in one call.</summary>
    internal async Task SendAsync(IReadOnlyList<byte[]> wires)
    {
        await _queue.SendMessagesAsync(wires.Select(wire => new ServiceBusMessage(wire)), Cancel);
        foreach (var wire in wires) _accepted.Add(IdOf(wire));
    }

    /// <summary>Posts one.</summary>
    /// <returns>The status, with the reason where there is one: <c>202</c>, <c>503 read-only</c>.</returns>
    internal async Task<string> PostAsync(byte[] wire)
    {
        using var content = new ByteArrayContent(wire);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(Envelope.MediaType);
        using var answer = await _http.PostAsync(new Uri("api/envelopes", UriKind.Relative), content, Cancel);
        var status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (answer.IsSuccessStatusCode)
        {
            _accepted.Add(IdOf(wire));
            return status;
        }

        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) Assert.NotNull(answer.Headers.RetryAfter);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return $"{status} {problem.GetProperty("type").GetString()!.Split(':')[^1]}";
    }

    /// <summary>What health says: <c>ready</c>, or the reasons.</summary>
    internal async Task<string> ReadyAsync()
    {
        using var answer = await _http.GetAsync(new Uri("api/health/ready", UriKind.Relative), Cancel);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return answer.IsSuccessStatusCode ? "ready" : body.GetProperty("detail").GetString()!;
    }

    /// <summary>Asks until health says what is awaited.</summary>
    /// <returns>How long that took.</returns>
    internal async Task<TimeSpan> AwaitReadyAsync(Func<string, bool> isAwaited, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        string said;
        while (!isAwaited(said = await ReadyAsync()))
        {
            var waited = TimeProvider.System.GetElapsedTime(started);
            Assert.True(waited < TestDeadline.Default, $"{what}: health says for {waited.TotalSeconds:0} s: {said}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        return TimeProvider.System.GetElapsedTime(started);
    }

    /// <summary>Receives until all that was accepted has arrived once at least.</summary>
    /// <returns>How long that took.</returns>
    internal async Task<TimeSpan> AwaitArrivalsAsync(string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (_accepted.Any(id => !_arrivals.ContainsKey(id)))
        {
            foreach (var message in await _inbox.ReceiveMessagesAsync(100, TimeSpan.FromMilliseconds(250), Cancel))
            {
                var id = Assert.IsType<string>(message.ApplicationProperties["relay-id"]);
                _arrivals[id] = _arrivals.GetValueOrDefault(id) + 1;
            }

            if (TimeProvider.System.GetElapsedTime(started) <= 2 * TestDeadline.Default) continue;
            Assert.Fail($"{what}: never arrived: {string.Join(", ", _accepted.Where(id => !_arrivals.ContainsKey(id)))}");
        }

        return TimeProvider.System.GetElapsedTime(started);
    }

    /// <summary>Arrivals beyond one of each.</summary>
    internal int Repeated() => _arrivals.Values.Sum(times => times - 1);

    /// <summary>Messages in the dead-letter queues of every entity.</summary>
    internal int DeadLettered() => _relay.Stack.Bus.Snapshot().Entities.Sum(entity => entity.DeadLettered);

    /// <summary>Messages that wait on the two queues, scheduled copies among them.</summary>
    internal int Waiting() => _relay.Stack.Bus.Snapshot().Entities
        .Where(entity => entity.Path.StartsWith("envelopes", StringComparison.Ordinal)).Sum(entity => entity.Active + entity.Scheduled);

    /// <summary>Messages that clients have sent to the bus so far, copies and signals among them.</summary>
    internal async Task<long> SentAsync()
    {
        var status = await _http.GetFromJsonAsync<JsonNode>(new Uri(_relay.Stack.Endpoints.ServiceBusStatus!, "status.json"), Cancel);
        return status!["totals"]!["messagesSent"]!.GetValue<long>();
    }

    private static string IdOf(byte[] wire)
    {
        Assert.True(Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        return envelope.Id.ToString();
    }

    private SenderStream Stream(Lane lane) =>
        new(_relay.Options.Negotiation, _relay.Cast.Document, _relay.Cast.Delegations["us"], lane, TimeProvider.System);
}

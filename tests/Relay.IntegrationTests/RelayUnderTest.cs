using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Azure.Security.KeyVault.Keys;
using Relay.Cli.Demo;
using Relay.Cli.Targets;
using Relay.Local;
using Relay.Protocol.Envelopes;

namespace Relay.IntegrationTests;

/// <summary>
/// A local stack on free ports and a new state folder, with the cast of its negotiation; shared by the tests of one class.
/// </summary>
public sealed class RelayUnderTest : IAsyncLifetime
{
    private Cast? _cast;

    internal LocalStackOptions Options { get; } = new()
    {
        StateFolder = Directory.CreateTempSubdirectory("relay-test-").FullName,
        AmqpPort = 0,
        VaultPort = 0,
        HttpPort = 0,
        HttpsPort = 0,
    };

    /// <summary>App settings beside those that every local stack has, put in <c>local.settings.json</c>.</summary>
    internal IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it can be disturbed, and is looked at by an administration port meanwhile.</summary>
    internal bool CanBeDisturbed { get; init; }

    /// <summary>From where the function app is started.</summary>
    internal string WorkerFolder { get; set; } = LocalWorker.DefaultFolder;

    internal LocalStack Stack { get; private set; } = null!;

    internal ServiceBusClient Bus { get; private set; } = null!;

    internal KeyClient Vault { get; private set; } = null!;

    internal Cast Cast => _cast ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var settings = Path.Combine(Options.StateFolder, "local.settings.json");
        await File.WriteAllTextAsync(settings, JsonSerializer.Serialize(new { Values = Settings }), cancellationToken);
        var options = Options with
        {
            LocalSettingsPath = settings,
            WorkerFolder = WorkerFolder,
            CanBeDisturbed = CanBeDisturbed,
            AdminPort = CanBeDisturbed ? 0 : null,
        };
        Stack = await LocalStack.StartAsync(options, null, cancellationToken);
        Bus = new ServiceBusClient(Stack.Endpoints.ServiceBus);
        Vault = LocalVault.Open(Stack.Endpoints, "test", TimeProvider.System);
        _cast = await Cast.GatherAsync(
            Options.StateFolder, Options.Negotiation, Vault, LedgerTarget.Local, TimeProvider.System, cancellationToken);
    }

    /// <summary>The first statement of <paramref name="sender"/>, signed by every mediator.</summary>
    internal async Task<Envelope> SayAsync(string sender, string audience, Lane lane, CancellationToken cancellationToken)
    {
        var stream = new SenderStream(Options.Negotiation, Cast.Document, Cast.Delegations[sender], lane, TimeProvider.System);
        var builder = new EnvelopeBuilder(await stream.SayAsync([audience], "good morning", cancellationToken));
        foreach (var mediator in Cast.Mediators.Values) await builder.SignAsync(mediator, cancellationToken);
        return Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out _, out var detail)
            ? envelope
            : throw new InvalidDataException(detail);
    }

    public async ValueTask DisposeAsync()
    {
        _cast?.Dispose();
        if (Bus is not null) await Bus.DisposeAsync();
        if (Stack is not null) await Stack.DisposeAsync();
        Directory.Delete(Options.StateFolder, recursive: true);
    }
}

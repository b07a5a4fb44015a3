using Azure.Messaging.ServiceBus;
using Azure.Security.KeyVault.Keys;
using Relay.Cli.Demo;
using Relay.Cli.Targets;
using Relay.Local;

namespace Relay.IntegrationTests;

/// <summary>A local stack on free ports and a new state folder, with the cast of its negotiation; shared by the tests of one class.</summary>
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

    internal LocalStack Stack { get; private set; } = null!;

    internal ServiceBusClient Bus { get; private set; } = null!;

    internal KeyClient Vault { get; private set; } = null!;

    internal Cast Cast => _cast ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        Stack = await LocalStack.StartAsync(Options, null, cancellationToken);
        Bus = new ServiceBusClient(Stack.Endpoints.ServiceBus);
        Vault = LocalVault.Open(Stack.Endpoints, "test", TimeProvider.System);
        _cast = await Cast.GatherAsync(Options.StateFolder, Options.Negotiation, Vault, LedgerTarget.Local, TimeProvider.System, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _cast?.Dispose();
        if (Bus is not null) await Bus.DisposeAsync();
        if (Stack is not null) await Stack.DisposeAsync();
        Directory.Delete(Options.StateFolder, recursive: true);
    }
}

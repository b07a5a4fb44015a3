using System.Globalization;
using Azure.Messaging.ServiceBus;
using Azure.Security.KeyVault.Keys;
using Azure.Storage.Blobs;
using Relay.Azure.Ledger;
using Relay.Core.Checking;
using Relay.Core.Ledger.Storage;
using Relay.Local;
using Relay.Protocol.Keys;
using Relay.Testing;

[assembly: AssemblyFixture(typeof(Azurite))]

namespace Relay.FaultTests;

/// <summary>
/// The function app under load, killed at random moments and started again. Afterwards an independent checker finds the ledger whole, every envelope that the bus accepted is in it
/// exactly once and has reached its addressee, and every receipt that came along holds.
/// </summary>
/// <remarks>A few kills; as many as the environment variable RELAY_KILLS says for a long run.</remarks>
public sealed class KillTests(Azurite azurite)
{
    private const int Burst = 12;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("RELAY_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 3;

    [Fact]
    public async Task FolderStore_KilledAgainAndAgain_LosesAndForgesNothing()
    {
        await using var relay = await RelayInPieces.StartAsync(null, "", Cancel);
        await RunAsync(relay, () => LedgerStores.ReadFolder(relay.LedgerFolder));
    }

    [Fact]
    public async Task BlobStore_KilledAgainAndAgain_LosesAndForgesNothing()
    {
        var blobs = await azurite.ConnectionStringAsync();
        var container = $"ledger-{Guid.NewGuid():N}";
        await new BlobContainerClient(blobs, container, new BlobClientOptions(BlobClientOptions.ServiceVersion.V2025_11_05)).CreateIfNotExistsAsync(cancellationToken: Cancel);
        await using var relay = await RelayInPieces.StartAsync(blobs, container, Cancel);
        await RunAsync(relay, () => LedgerStores.OpenContainer(blobs, container));
    }

    private static async Task RunAsync(RelayInPieces relay, Func<ILedgerStore> open)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var senders = LocalTopology.Default.Delegations.Take(3).ToList();
        await using var client = new ServiceBusClient(relay.Bus.ConnectionString);
        var load = new Load(relay, client.CreateSender("envelopes"), senders, random);
        var arrived = new Arrivals(senders, client);
        for (var kill = 0; kill < Kills; kill++)
        {
            await relay.StartAppAsync(Cancel);
            var moment = TimeSpan.FromMilliseconds(random.Next(700));
            var sending = load.SendAsync(Burst, Cancel);
            await Task.Delay(moment, TimeProvider.System, Cancel);
            await relay.KillAppAsync(Cancel);
            await sending;
        }

        await relay.StartAppAsync(Cancel);
        await arrived.ReceiveAsync(load.Accepted.Keys.ToHashSet(), () => $"seed {seed}: {relay.Log}", Cancel);
        await relay.KillAppAsync(Cancel);

        var keys = new Dictionary<string, PublicJwk>();
        async ValueTask<PublicJwk?> FindAsync(string id, CancellationToken token)
        {
            if (!KeyIdentifier.TryParse(id, out var key) || key.Name != "relay-checkpoint") return null;
            if (keys.TryGetValue(id, out var known)) return known;
            KeyVaultKey read = await relay.Vault.GetKeyAsync(key.Name, key.Version, token);
            using var ecdsa = read.Key.ToECDsa();
            return PublicJwk.TryCreate(ecdsa.ExportParameters(false), id, out var jwk, out _) ? keys[id] = jwk : null;
        }

        var report = Assert.Single((await new LedgerChecker(open(), FindAsync).CheckAsync(null, Cancel)).Ledgers);
        Assert.True(report.IsClean, $"seed {seed}: " + string.Join('\n', report.Findings));
        // The checker has seen each sequence of each stream once and without a gap: as many as were accepted are those that were accepted.
        Assert.Equal(load.Accepted.Count, report.Envelopes);
        Assert.Equal(0, report.Held);
        await arrived.VerifyAsync(load.Accepted, $"{RelayInPieces.RelayName}/{RelayInPieces.Negotiation}", FindAsync, Cancel);
        TestContext.Current.SendDiagnosticMessage("{0} kills, {1} envelopes, {2} arrivals, {3} entries, leftovers: {4}", Kills, load.Accepted.Count, arrived.Count, report.Size, string.Join(", ", report.Leftovers));
    }
}

using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using Azure.Security.KeyVault.Keys;
using Relay.Cli.Targets;
using Relay.Local;

namespace Relay.Cli.Demo;

/// <summary>
/// The demo against a relay that runs already, deployed or local: in a negotiation of
/// its own, which nobody joins and which is closed at the end. Whoever runs it acts
/// as the operator (writes the documents), the mediators (sign, send) and the delegations (receive), and as nobody else.
/// </summary>
/// <param name="folder">For the documents and the delegations' keys; of no use afterwards.</param>
/// <param name="relayName">The relay's name, whose receipts are then checked; null when it is not known.</param>
/// <param name="client">With the relay's base address, ending in a slash.</param>
internal sealed class RemoteDemo(
    string folder,
    DirectoryTarget directory,
    KeyClient vault,
    string? relayName,
    ServiceBusClient bus,
    HttpClient client,
    TimeProvider time)
{
    /// <summary>What the name of each demo's negotiation begins with.</summary>
    public const string NegotiationPrefix = "demo-";

    public async Task<(DemoScript Script, DemoTally Tally)> PerformAsync(
        int count, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var topology = LocalTopology.Default;
        // The relay remembers a stream's statements for good, so each demo begins one of its own.
        var negotiation = $"{NegotiationPrefix}{time.GetUtcNow().ToUnixTimeMilliseconds()}";
        var delegations = topology.Delegations.Select(name => LocalDelegation.LoadOrCreate(folder, name)).ToList();
        LocalDirectory.Put(folder, negotiation, LocalDirectory.Compose(topology, negotiation, vault.VaultUri, delegations));
        delegations.ForEach(delegation => delegation.Dispose());
        using var cast = await Cast.GatherAsync(folder, negotiation, vault, relayName, time, cancellationToken);
        var script = await DemoScript.WriteAsync(cast, folder, count, ownsVault: false, time, progress, cancellationToken);
        string[] names = [negotiation, DemoScript.OneWayOf(negotiation)];
        foreach (var name in names)
        {
            await directory.PutAsync(
                name, await File.ReadAllBytesAsync(LocalDirectory.PathOf(folder, name), cancellationToken), cancellationToken);
        }

        progress.Report($"negotiation {negotiation} is in the relay's directory");
        try
        {
            var answers = new DemoAnswers(cast, client, time);
            using var secrecy = DemoSecrecy.TryOpen(cast, client, folder, time);
            var run = new DemoRun(cast, script, bus, new HostileFront(client), answers, secrecy, time);
            return (script, await run.PerformAsync(cancellationToken));
        }
        finally
        {
            foreach (var name in names)
            {
                await CloseAsync(name);
            }
        }
    }

    // Also when the demo was cancelled, hence without its token.
    private async Task CloseAsync(string negotiation)
    {
        var document = JsonNode.Parse(await File.ReadAllBytesAsync(LocalDirectory.PathOf(folder, negotiation), CancellationToken.None))!;
        document["mode"] = "closed";
        document["version"] = 2;
        await directory.PutAsync(negotiation, System.Text.Encoding.UTF8.GetBytes(document.ToJsonString()), CancellationToken.None);
    }
}

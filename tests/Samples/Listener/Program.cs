// Receives as a delegation of a running `relay up`; shows nothing before everything is checked: Listener <state folder> <delegation> <keys.json> [--once]
using System.Text;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Client.Storage;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

string At(params string[] path) => Path.Combine([args[0], .. path]);
var endpoints = JsonNode.Parse(File.ReadAllText(At("endpoints.json")))!;
using var identity = new LocalSigner(PrivateJwk.Parse(File.ReadAllBytes(At("delegations", args[1], "identity.jwk"))));
await using var bus = new ServiceBusClient((string)endpoints["serviceBus"]!);
await using var delegation = await DelegationClient.OpenAsync(bus, new DelegationClientOptions
{
    Document = NegotiationDocument.Parse(File.ReadAllBytes(At("directory", "doha-2026.json"))), Delegation = args[1], Identity = identity,
    DecryptionKeys = [PrivateJwk.Parse(File.ReadAllBytes(At("delegations", args[1], "encryption.jwk")))],
    Keys = PublicKeyFile.Parse(File.ReadAllBytes(args[2])), RelayName = "relay.local", RelayKey = $"{endpoints["vault"]}keys/relay-checkpoint",
    Store = new FolderDelegationStore(At("delegations", args[1]), TimeProvider.System),
}, CancellationToken.None);
await foreach (var message in delegation.ReceiveAsync())
{
    var (result, said) = (message.Result, message.Result.Statement);
    Console.WriteLine(said is null ? $"refused: {result.Code}" : $"{said.Id}, entry {result.Receipt!.Proof.Index}: {Encoding.UTF8.GetString(said.Body)}");
    await message.SettleAsync(CancellationToken.None);
    if (args is [.., "--once"]) return;
}

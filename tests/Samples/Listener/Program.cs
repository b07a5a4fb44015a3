// Receives as a delegation of a running `relay up`: Listener <state folder> <delegation> <keys.json> [--once]
using System.Text;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using Relay.Client.Keys;
using Relay.Client.Parties;
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
    Store = new FolderDelegationStore(At("delegations", args[1]), TimeProvider.System), RelayName = "relay.local",
    Keys = PublicKeyFile.Parse(File.ReadAllBytes(args[2])), RelayKey = $"{endpoints["vault"]}keys/relay-checkpoint",
}, CancellationToken.None);
await foreach (var message in delegation.ReceiveAsync())
{
    var text = message.Result.Statement is { } said ? Encoding.UTF8.GetString(said.Body) : $"refused, {message.Result.Code}";
    Console.WriteLine($"{message.Result.Envelope?.Id}, entry {message.Result.Receipt?.Proof.Index}: {text}");
    await message.SettleAsync(CancellationToken.None);
    if (args is [.., "--once"]) return;
}

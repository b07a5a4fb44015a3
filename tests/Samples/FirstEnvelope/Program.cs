// A delegation's first envelope with the packages alone, against a running `relay up`: FirstEnvelope <its state folder>.
using System.Text;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using FirstEnvelope;
using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Client.Mediators;
using Relay.Client.Parties;
using Relay.Client.Storage;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

if (args is not [var state])
{
    Console.Error.WriteLine("Expected one argument, the state folder of a running `relay up` (.relay).");
    return 2;
}

using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
var cancellationToken = deadline.Token;
var endpoints = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(state, "endpoints.json"), cancellationToken))!;
var vaultAddress = new Uri((string)endpoints["vault"]!);
using var vault = new LocalVault(vaultAddress, (string)endpoints["vaultThumbprint"]!);
await using var bus = new ServiceBusClient((string)endpoints["serviceBus"]!);
var document = NegotiationDocument.Parse(await ReadAsync("directory", "doha-2026.json"));

// The mediators make their keys here; the relay learns the public halves from the vault.
var mediators = new List<LocalSigner>();
foreach (var mediator in document.Mediators.Values)
{
    var key = PrivateJwk.Generate(JwkKind.P256, mediator.Name);
    var keyId = await vault.ImportAsync(mediator.Key[(mediator.Key.LastIndexOf('/') + 1)..], key, cancellationToken);
    mediators.Add(new LocalSigner(key, keyId));
}

// The delegation "us" says something to "iran". It seals by itself; what comes to it, it would check with these keys.
const string CheckpointKey = "relay-checkpoint";
var (relayKeyId, relayKey) = await vault.GetAsync(CheckpointKey, cancellationToken);
using var identity = new LocalSigner(PrivateJwk.Parse(await ReadAsync("delegations", "us", "identity.jwk")));
var options = new DelegationClientOptions
{
    Document = document,
    Delegation = "us",
    Identity = identity,
    DecryptionKeys = [PrivateJwk.Parse(await ReadAsync("delegations", "us", "encryption.jwk"))],
    Keys = new PinnedMediatorKeys(new Dictionary<string, VerificationKey> { [relayKeyId] = relayKey }),
    RelayName = "relay.local",
    RelayKey = $"{vaultAddress}keys/{CheckpointKey}",
    Store = new FolderDelegationStore(Path.Combine(state, "delegations", "us"), TimeProvider.System),
};
await using var us = await DelegationClient.OpenAsync(bus, options, cancellationToken);

// Every mediator vouches for it, and one submits it.
await using var queue = new EnvelopeSubmitter(bus, TimeProvider.System);
var statement = new OutgoingStatement { Audience = ["iran"], Body = Encoding.UTF8.GetBytes("Good morning") };
var submitted = await us.SendAsync(statement, new MediatorClient(mediators, queue), cancellationToken);
Console.WriteLine($"submitted {submitted.Id}, signed by {string.Join(", ", document.Mediators.Keys)}");
return 0;

Task<byte[]> ReadAsync(params string[] path) => File.ReadAllBytesAsync(Path.Combine([state, .. path]), cancellationToken);

// One envelope from end to end with the packages alone, against a running `relay up`: FirstEnvelope <its state folder>.
using System.Text;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using FirstEnvelope;
using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Client.Mediators;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

const string Negotiation = "doha-2026";
const string Text = "Good morning";

if (args is not [var state])
{
    Console.Error.WriteLine("Expected one argument, the state folder of a running `relay up` (.relay).");
    return 2;
}

using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
var cancellationToken = deadline.Token;
var time = TimeProvider.System;
var endpoints = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(state, "endpoints.json"), cancellationToken))!;
var vaultAddress = new Uri((string)endpoints["vault"]!);
using var vault = new LocalVault(vaultAddress, (string)endpoints["vaultThumbprint"]!);
await using var bus = new ServiceBusClient((string)endpoints["serviceBus"]!);
var directory = Path.Combine(state, "directory", Negotiation + ".json");
if (!NegotiationDocument.TryParse(await File.ReadAllBytesAsync(directory, cancellationToken), out var document, out var errors))
{
    throw new InvalidDataException(string.Join(" ", errors));
}

// The mediators make their keys here; the relay learns the public halves from the vault.
var mediators = new List<LocalSigner>();
var publicKeys = new Dictionary<string, VerificationKey>();
foreach (var mediator in document.Mediators.Values)
{
    var name = mediator.Key[(mediator.Key.LastIndexOf('/') + 1)..];
    var key = PrivateJwk.Generate(JwkKind.P256, mediator.Name);
    var keyId = await vault.ImportAsync(name, key, cancellationToken);
    mediators.Add(new LocalSigner(key, keyId));
    publicKeys.Add(keyId, (await vault.GetAsync(name, cancellationToken)).Key);
}

// The delegation "us" says something to "iran".
using var identity = ReadKey("us", "identity.jwk");
using var identitySigner = new LocalSigner(identity);
var sealer = new Sealer(document, "us", identitySigner, view: null, time);
var statementToSay = new OutgoingStatement { Audience = ["iran"], Body = Encoding.UTF8.GetBytes(Text) };
var made = await sealer.SealAsync(statementToSay, StreamPosition.Start, cancellationToken);

// Every mediator vouches for it, and one submits it.
var builder = new EnvelopeBuilder(made);
foreach (var mediator in mediators)
{
    await builder.SignAsync(mediator, cancellationToken);
}

if (!Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out var fault, out var detail))
{
    throw new InvalidDataException($"{fault}: {detail}");
}

await using (var submitter = new EnvelopeSubmitter(bus, time))
{
    await submitter.SubmitAsync(envelope, cancellationToken);
}

Console.WriteLine($"submitted {envelope.Id}, signed by {string.Join(", ", document.Mediators.Keys)}");

// "iran" receives: receipt, quorum, order, seal and signer are checked before anything is shown.
const string CheckpointKey = "relay-checkpoint";
var (relayKeyId, relayKey) = await vault.GetAsync(CheckpointKey, cancellationToken);
var relayKeys = new PinnedMediatorKeys(new Dictionary<string, VerificationKey> { [relayKeyId] = relayKey });
using var trust = new LedgerTrust("relay.local", Negotiation, $"{vaultAddress}keys/{CheckpointKey}", relayKeys, time);
var inboxState = InboxState.Create(trust.Origin);
var checks = new LedgerChecks(trust, inboxState.View, log: null, [document], linkEvery: TimeSpan.FromSeconds(10), time);
using var decryption = ReadKey("iran", "encryption.jwk");
var inspector = new EnvelopeInspector(document, "iran", [decryption], new PinnedMediatorKeys(publicKeys), inboxState.Streams, checks, time);
await using var inbox = new DelegationInbox(bus, inspector, InboxOrder.Default, save: null, time);
while (!cancellationToken.IsCancellationRequested)
{
    if (await inbox.ReceiveAsync(TimeSpan.FromSeconds(10), cancellationToken) is not { } message) continue;
    if (message.Result.Statement is not { } statement)
    {
        throw new InvalidOperationException($"{message.Result.Code}: {message.Result.Detail}");
    }

    await message.SettleAsync(cancellationToken);
    var said = Encoding.UTF8.GetString(statement.Body);
    var through = string.Join(", ", message.Result.Quorum!.Counted);
    Console.WriteLine($"opened {statement.Id}, entry {message.Result.Receipt!.Proof.Index}, through {through}: {said}");
    return statement.Id == envelope.Id && said == Text ? 0 : 1;
}

return 1;

PrivateJwk ReadKey(string delegation, string file) =>
    PrivateJwk.TryParse(File.ReadAllBytes(Path.Combine(state, "delegations", delegation, file)), out var key, out var error)
        ? key
        : throw new InvalidDataException(error);

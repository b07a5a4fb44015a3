using System.Text;
using System.Text.Json.Nodes;
using Relay.Cli.Signing;
using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.LyingRelay.Cast;

/// <summary>
/// Everybody but the relay, honest all: three delegations with a state folder each, three mediators, what us has said, and an outsider who
/// has the document and the public keys. Made once; every lie is told to a copy of the folders. The owner disposes it.
/// </summary>
internal sealed class Company : IDisposable
{
    public const string RelayName = "relay.example";
    public const string Negotiation = "doha-2026";
    public const string OtherNegotiation = "oslo-2026";
    public const string VaultKey = Vault + "keys/relay-checkpoint";

    private const string Vault = "https://kv.vault.azure.net/";
    private const string Version = "0123456789abcdef0123456789abcdef";

    private readonly Dictionary<string, LocalDelegation> _delegations = [];
    private readonly Dictionary<string, PrivateJwk> _keys = [];
    private readonly string _folder;

    private Company(string folder)
    {
        _folder = folder;
        foreach (var name in Delegations) _delegations[name] = LocalDelegation.LoadOrCreate(StateOf(folder, name), name);
        foreach (var name in Mediators.Append(Stranger)) _keys[name] = PrivateJwk.Generate(JwkKind.P256, KeyId(name));
        foreach (var name in Mediators) _keys["liar-" + name] = PrivateJwk.Generate(JwkKind.P256, KeyId(name));
        Certifier = new LocalCertifier(PrivateJwk.Generate(JwkKind.P256, $"{VaultKey}/{Version}"));
        Document = Parse(Compose(Negotiation, 3, 1));
        Other = Parse(Compose(OtherNegotiation, 3, 1));
        foreach (var name in Parties) LocalDirectory.Put(StateOf(folder, name), Negotiation, Document.Bytes.Span);
    }

    /// <summary>When the first envelope is written.</summary>
    public static DateTimeOffset Epoch { get; } = new(2026, 6, 1, 9, 0, 0, TimeSpan.Zero);

    /// <summary>When what has arrived is audited: later than anything may be under way.</summary>
    public static DateTimeOffset Audited { get; } = Epoch.AddMinutes(20);

    public static string Origin => $"{RelayName}/{Negotiation}";

    public static IReadOnlyList<string> Delegations { get; } = ["us", "iran", "oman"];

    public static IReadOnlyList<string> Parties { get; } = [.. Delegations, Outsider];

    public static IReadOnlyList<string> Mediators { get; } = ["qatar", "swiss", "norway"];

    /// <summary>Has no part in the negotiation, but its document and the public keys.</summary>
    public const string Outsider = "outsider";

    /// <summary>A mediator of nobody's.</summary>
    public const string Stranger = "france";

    public LocalCertifier Certifier { get; }

    public NegotiationDocument Document { get; }

    /// <summary>Document of a second negotiation of the same parties through the same relay.</summary>
    public NegotiationDocument Other { get; }

    /// <summary>What is said, in the order in which the mediators submit it.</summary>
    public IReadOnlyList<Envelope> Said { get; private set; } = [];

    public static async Task<Company> CreateAsync(string folder)
    {
        var company = new Company(folder);
        company.Said = await company.SpeakAsync();
        await File.WriteAllBytesAsync(company.KeyFile, company.PublicKeys(null));
        await File.WriteAllTextAsync(company.Pem, SelfSigned.Pem("relay reader"));
        return company;
    }

    /// <summary>The public keys of relay and mediators, as <c>relay keys export</c> writes them.</summary>
    public string KeyFile => Path.Combine(_folder, "keys.json");

    /// <summary>A client certificate; here the port says who asks.</summary>
    public string Pem => Path.Combine(_folder, "client.pem");

    public static string StateOf(string folder, string party) => Path.Combine(folder, "state-" + party);

    public static string KeyId(string mediator, string version = Version) => $"{Vault}keys/mediator-{mediator}/{version}";

    public PrivateJwk KeyOf(string mediator) => _keys[mediator];

    /// <summary>The liar's own key for a mediator's name.</summary>
    public PrivateJwk LiarsKeyOf(string mediator) => _keys["liar-" + mediator];

    public PrivateJwk EncryptionOf(string delegation) => _delegations[delegation].Encryption;

    /// <summary>Copies everybody's state folder.</summary>
    public void CopyTo(string folder)
    {
        foreach (var party in Parties) Copy(StateOf(_folder, party), StateOf(folder, party));
    }

    /// <summary>What us says in the end, having looked at the ledger.</summary>
    public async Task<Envelope> SayLastAsync(string folder, LedgerView? view)
    {
        var file = StreamFile.Read(StateOf(folder, "us"), new StreamId(Negotiation, "us", Lane.Normal));
        return await SealAsync(file, "iran", view, Audited.AddSeconds(1), TimeSpan.FromDays(1));
    }

    /// <summary>An envelope made beside the streams, signed by mediators: what an honest relay refuses, or has not come yet.</summary>
    public static async Task<Envelope> MakeAsync(
        EnvelopeId id, string[] audience, Digest? previous, SeenCheckpoint? seen, Func<string, PrivateJwk?> mediator)
    {
        var made = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = id,
            Audience = audience,
            Previous = previous,
            IssuedAt = Epoch,
            ExpiresAt = Epoch.AddDays(1),
            Seen = seen,
            Content = "{}"u8.ToArray(),
        });
        return await SignAsync(made, mediator);
    }

    /// <summary>Signs as a delegation, or as the liar in its name.</summary>
    public LocalSigner SignerOf(string delegation, bool isForged)
    {
        var identity = _delegations[delegation].Identity;
        return new LocalSigner(isForged ? KeyOf(Stranger) : identity, identity.KeyId);
    }

    /// <summary>What a delegation says of an envelope that it has opened, or the liar in its name.</summary>
    public async Task<Acknowledgement> AcknowledgeAsync(string delegation, EnvelopeId id, Digest digest, bool isForged)
    {
        using var signer = SignerOf(delegation, isForged);
        var draft = new AcknowledgementDraft { Id = id, Digest = digest, Reason = null, IssuedAt = Epoch.AddSeconds(5) };
        return await Acknowledgement.SignAsync(draft, signer, CancellationToken.None);
    }

    public Task<Envelope> SignAsync(SealedEnvelope made) => SignAsync(made, KeyOf);

    /// <summary>A document of this company by another quorum or version.</summary>
    public byte[] Compose(string negotiation, int quorum, int version)
    {
        var delegations = new JsonObject { ["mute"] = new JsonObject { ["topic"] = "delegation-mute" } };
        foreach (var (name, keys) in _delegations)
        {
            delegations[name] = new JsonObject
            {
                ["topic"] = "delegation-" + name,
                ["identityKeys"] = new JsonArray(JsonNode.Parse(keys.Identity.Public.ToJson())),
                ["encryptionKeys"] = new JsonArray(JsonNode.Parse(keys.Encryption.Public.ToJson())),
            };
        }

        var document = new JsonObject
        {
            ["negotiation"] = negotiation,
            ["delegations"] = delegations,
            ["mediators"] = new JsonObject(Mediators.Select(name => KeyValuePair.Create<string, JsonNode?>(
                name, new JsonObject { ["key"] = $"{Vault}keys/mediator-{name}", ["weight"] = name == "qatar" ? 2 : 1 }))),
            ["quorum"] = quorum,
            ["routes"] = new JsonArray(
                new JsonObject { ["from"] = "us", ["to"] = new JsonArray("iran", "oman") },
                new JsonObject { ["from"] = "iran", ["to"] = new JsonArray("us") }),
            ["mode"] = "open",
            ["version"] = version,
        };
        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    /// <summary>The key file, with the time until which one mediator's key version is good; null for all of them without end.</summary>
    public byte[] PublicKeys((string Mediator, DateTimeOffset Until)? disabled)
    {
        var keys = new JsonArray { JsonNode.Parse(Certifier.PublicKey.Public.ToJson()) };
        foreach (var name in Mediators)
        {
            var key = JsonNode.Parse(_keys[name].Public.ToJson())!;
            if (disabled is var (mediator, until) && mediator == name) key["exp"] = until.ToUnixTimeSeconds();
            keys.Add(key);
        }

        return Encoding.UTF8.GetBytes(new JsonObject { ["keys"] = keys }.ToJsonString());
    }

    public void Dispose()
    {
        foreach (var delegation in _delegations.Values) delegation.Dispose();
        foreach (var key in _keys.Values) key.Dispose();
        Certifier.Dispose();
    }

    public static NegotiationDocument Parse(byte[] json) => NegotiationDocument.TryParse(json, out var document, out var errors)
        ? document
        : throw new InvalidOperationException(string.Join(' ', errors));

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from)) Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    // Two lanes, one and two addressees, one that does not live long, and an answer.
    private async Task<IReadOnlyList<Envelope>> SpeakAsync()
    {
        var (normal, urgent, answer) = (Stream("us", Lane.Normal), Stream("us", Lane.Urgent), Stream("iran", Lane.Normal));
        var said = new List<Envelope>();
        foreach (var (stream, audience) in new[]
        {
            (normal, "iran"), (normal, "iran oman"), (urgent, "iran"), (normal, "iran"), (answer, "us"),
            (normal, "oman"), (normal, "iran"), (urgent, "iran"), (normal, "iran oman"), (normal, "iran"),
        })
        {
            var life = stream == urgent ? TimeSpan.FromMinutes(4) : TimeSpan.FromDays(1);
            said.Add(await SealAsync(stream, audience, null, Epoch.AddSeconds(said.Count), life));
        }

        return said;
    }

    private StreamFile Stream(string sender, Lane lane) =>
        StreamFile.Read(StateOf(_folder, sender), new StreamId(Negotiation, sender, lane));

    private async Task<Envelope> SealAsync(StreamFile stream, string audience, LedgerView? view, DateTimeOffset at, TimeSpan life)
    {
        var sender = stream.Stream.Sender;
        using var identity = new LocalSigner(_delegations[sender].Identity);
        var statement = new OutgoingStatement
        {
            Audience = audience.Split(' '),
            Body = Encoding.UTF8.GetBytes($"number {stream.Position.Sequence + 1}"),
            Lane = stream.Stream.Lane,
            Lifetime = life,
        };
        var sealer = new Sealer(Document, sender, identity, view, new ManualTimeProvider(at));
        var envelope = await SignAsync(await sealer.SealAsync(statement, stream.Position, CancellationToken.None));
        stream.Advance(envelope);
        return envelope;
    }

    private static async Task<Envelope> SignAsync(SealedEnvelope made, Func<string, PrivateJwk?> keyOf)
    {
        var builder = new EnvelopeBuilder(made);
        foreach (var name in Mediators.Order(StringComparer.Ordinal))
        {
            if (keyOf(name) is not { } key) continue;
            using var signer = new LocalSigner(key, KeyId(name));
            await builder.SignAsync(signer, CancellationToken.None);
        }

        return Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out _, out var detail)
            ? envelope
            : throw new InvalidOperationException(detail);
    }
}

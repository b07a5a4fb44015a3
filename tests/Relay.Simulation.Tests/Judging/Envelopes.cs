using System.Collections.Concurrent;
using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Simulation.Tests.Workers;

namespace Relay.Simulation.Tests.Judging;

/// <summary>What a sender may say at one place of its stream.</summary>
internal enum Variant
{
    /// <summary>The next of the stream's chain.</summary>
    Honest,

    /// <summary>Another content under the same id, chained alike.</summary>
    Equivocating,

    /// <summary>Chained to something that was never said.</summary>
    Unchained,

    /// <summary>Claims to have seen a tree that the ledger never was.</summary>
    ForkSeen,
}

/// <summary>One envelope a sender may send, made once a process and shared by all worlds: signing is the dearest thing in a run.</summary>
internal sealed record Said(EnvelopeId Id, Variant Variant, Envelope Envelope, byte[] Wire);

/// <summary>The cast of every world, and what it may say.</summary>
internal static class Envelopes
{
    public const int LongestStream = 9;

    /// <summary>
    /// The negotiation that has so many members that a stream's share of what is held is three: some come too early to be held.
    /// </summary>
    public const string Crowded = "oslo";

    /// <summary>Its members that say nothing.</summary>
    public const int Silent = 62;

    private const string Vault = "https://kv.vault.azure.net/";
    public static readonly string[] Delegations = ["iran", "us", "qom"];

    private static readonly PrivateJwk Mediator = DrawnSecrets.KeyOf(Vault + "keys/mediator-qatar/0123456789abcdef0123456789abcdef");
    private static readonly DrawnSigner Signer = new(Mediator);
    private static readonly ConcurrentDictionary<(EnvelopeId, Variant, bool), Lazy<Said>> Made = new();

    public static readonly string[] Negotiations = ["doha", Crowded];

    /// <summary>When every envelope was written; worlds begin here.</summary>
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How long a short-lived envelope lasts.</summary>
    public static readonly TimeSpan ShortLife = TimeSpan.FromMinutes(4);

    public static VerificationKey MediatorKey { get; } = VerificationKey.TryCreate(Mediator.Public, out var key, out var error)
        ? key
        : throw new InvalidOperationException(error);

    private static readonly Dictionary<string, PrivateJwk> Identities = Keys("#1");
    private static readonly Dictionary<string, PrivateJwk> Encryptions = Keys("#enc-1");

    /// <summary>Public keys of mediator and relay, as every party has them.</summary>
    public static IReadOnlyDictionary<string, VerificationKey> PublicKeys { get; } = new Dictionary<string, VerificationKey>
    {
        [Mediator.KeyId] = MediatorKey,
        [SimVault.KeyId] = SimVault.PublicKey,
    };

    public static PrivateJwk IdentityOf(string delegation) => Identities[delegation];

    public static PrivateJwk EncryptionOf(string delegation) => Encryptions[delegation];

    public static string MediatorKeyId => Mediator.KeyId!;

    public static byte[] Document(string negotiation, long version) => Encoding.UTF8.GetBytes(
        $$"""
        { "negotiation": "{{negotiation}}",
          "delegations": { {{string.Join(", ", Delegations.Select(name => Delegation(name, version)).Concat(SilentIn(negotiation)))}} },
          "mediators": { "qatar": { "key": "{{Vault}}keys/mediator-qatar", "weight": 1 } },
          {{(version > 1 ? Limit : "")}}
          "quorum": 1, "version": {{version}} }
        """);

    // The second document limits what the first let through: some of what is under way is past its rate by then.
    private const string SenderLimit = """, "rate": { "perSecond": 5, "burst": 2 }""";
    private const string Limit = """ "rate": { "perSecond": 20, "burst": 4 }, """;

    public static NegotiationDocument Parsed(string negotiation, long version) =>
        NegotiationDocument.TryParse(Document(negotiation, version), out var document, out var errors)
            ? document
            : throw new InvalidOperationException(string.Join("; ", errors));

    /// <param name="id">Which.</param>
    /// <param name="variant">What is wrong with it, if anything.</param>
    /// <param name="shortLived">Whether its whole stream lives only <see cref="ShortLife"/>.</param>
    public static Said Get(EnvelopeId id, Variant variant, bool shortLived) =>
        Made.GetOrAdd((id, variant, shortLived), static key => new Lazy<Said>(() => Make(key.Item1, key.Item2, key.Item3))).Value;

    private static IEnumerable<string> SilentIn(string negotiation) => Enumerable
        .Range(0, negotiation == Crowded ? Silent : 0)
        .Select(static number => $$"""
            "silent-{{number}}": { "topic": "delegation-silent-{{number}}" }
            """);

    private static string Delegation(string name, long version)
    {
        string Jwk(PrivateJwk key) => Encoding.UTF8.GetString(key.Public.ToJson());
        return $$"""
            "{{name}}": { "topic": "delegation-{{name}}",
              "identityKeys": [{{Jwk(Identities[name])}}], "encryptionKeys": [{{Jwk(Encryptions[name])}}]
              {{(version > 1 ? SenderLimit : "")}} }
            """;
    }

    private static Dictionary<string, PrivateJwk> Keys(string suffix) =>
        Delegations.ToDictionary(name => name, name => DrawnSecrets.KeyOf(name + suffix));

    private static byte[] Seal(EnvelopeId id, string[] audience, Variant variant, bool shortLived)
    {
        var draft = new StatementDraft
        {
            Id = id,
            Audience = audience,
            ContentType = "text/plain",
            Body = Encoding.UTF8.GetBytes(variant.ToString()),
        };
        var sealing = ContentSealer.SealAsync(
            draft,
            new DrawnSigner(Identities[id.Sender]),
            [.. audience.Select(name => Encryptions[name].Public)],
            null,
            new DrawnSecrets($"{id} {variant} {shortLived}"),
            CancellationToken.None);
        if (!sealing.IsCompletedSuccessfully) throw new InvalidOperationException("A local key signs at once.");
#pragma warning disable VSTHRD002 // It has completed: nothing waits here.
        return sealing.Result;
#pragma warning restore VSTHRD002
    }

    private static Said Make(EnvelopeId id, Variant variant, bool shortLived)
    {
        Digest? previous = id.Sequence == 1
            ? null
            : Get(id with { Sequence = id.Sequence - 1 }, Variant.Honest, shortLived).Envelope.Digest;
        if (variant == Variant.Unchained && id.Sequence > 1) previous = Digest.Of(Encoding.UTF8.GetBytes($"never said before {id}"));
        var others = Delegations.Where(name => name != id.Sender).ToArray();
        string[] audience = (id.Sequence % 3) switch { 0 => others, 1 => others[..1], _ => others[1..] };
        var made = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = id,
            Audience = audience,
            Previous = previous,
            IssuedAt = Epoch,
            ExpiresAt = Epoch + (shortLived ? ShortLife : TimeSpan.FromDays(20)),
            Seen = variant == Variant.ForkSeen ? new SeenCheckpoint(1, Digest.Of(Encoding.UTF8.GetBytes($"no root {id}"))) : null,
            Content = Seal(id, audience, variant, shortLived),
        });
        var builder = new EnvelopeBuilder(made);
        var signing = builder.SignAsync(Signer, CancellationToken.None).AsTask();
        if (!signing.IsCompletedSuccessfully) throw new InvalidOperationException("A local key signs at once.");
        var wire = builder.ToWire();
        return Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail)
            ? new Said(id, variant, envelope, wire)
            : throw new InvalidOperationException(detail);
    }
}

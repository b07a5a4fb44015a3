using System.Collections.Concurrent;
using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

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

    private const string Vault = "https://kv.vault.azure.net/";
    private static readonly PrivateJwk Mediator = PrivateJwk.Generate(
        JwkKind.P256, Vault + "keys/mediator-qatar/0123456789abcdef0123456789abcdef");
    private static readonly LocalSigner Signer = new(Mediator);
    private static readonly ConcurrentDictionary<(EnvelopeId, Variant, bool), Lazy<Said>> Made = new();

    public static readonly string[] Negotiations = ["doha", "oslo"];
    public static readonly string[] Delegations = ["iran", "us", "qom"];

    /// <summary>When every envelope was written; worlds begin here.</summary>
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How long a short-lived envelope lasts.</summary>
    public static readonly TimeSpan ShortLife = TimeSpan.FromMinutes(4);

    public static string MediatorKeyId => Mediator.KeyId!;

    public static VerificationKey MediatorKey { get; } = VerificationKey.TryCreate(Mediator.Public, out var key, out var error)
        ? key
        : throw new InvalidOperationException(error);

    public static byte[] Document(string negotiation, long version) => Encoding.UTF8.GetBytes(
        $$"""
        { "negotiation": "{{negotiation}}",
          "delegations": { "us": { "topic": "delegation-us" }, "iran": { "topic": "delegation-iran" }, "qom": { "topic": "delegation-qom" } },
          "mediators": { "qatar": { "key": "{{Vault}}keys/mediator-qatar", "weight": 1 } },
          "quorum": 1, "version": {{version}} }
        """);

    public static NegotiationDocument Parsed(string negotiation, long version) =>
        NegotiationDocument.TryParse(Document(negotiation, version), out var document, out var errors)
            ? document
            : throw new InvalidOperationException(string.Join("; ", errors));

    /// <param name="id">Which.</param>
    /// <param name="variant">What is wrong with it, if anything.</param>
    /// <param name="shortLived">Whether its whole stream lives only <see cref="ShortLife"/>.</param>
    public static Said Get(EnvelopeId id, Variant variant, bool shortLived) =>
        Made.GetOrAdd((id, variant, shortLived), static key => new Lazy<Said>(() => Make(key.Item1, key.Item2, key.Item3))).Value;

    private static Said Make(EnvelopeId id, Variant variant, bool shortLived)
    {
        Digest? previous = id.Sequence == 1
            ? null
            : Get(id with { Sequence = id.Sequence - 1 }, Variant.Honest, shortLived).Envelope.Digest;
        if (variant == Variant.Unchained && id.Sequence > 1) previous = Digest.Of(Encoding.UTF8.GetBytes($"never said before {id}"));
        var others = Delegations.Where(name => name != id.Sender).ToArray();
        var made = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = id,
            Audience = (id.Sequence % 3) switch { 0 => others, 1 => others[..1], _ => others[1..] },
            Previous = previous,
            IssuedAt = Epoch,
            ExpiresAt = Epoch + (shortLived ? ShortLife : TimeSpan.FromDays(20)),
            Seen = variant == Variant.ForkSeen ? new SeenCheckpoint(1, Digest.Of(Encoding.UTF8.GetBytes($"no root {id}"))) : null,
            Content = Encoding.UTF8.GetBytes($$"""{"ciphertext":"{{variant}}"}"""),
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

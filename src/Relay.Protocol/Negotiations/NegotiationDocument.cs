using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Relay.Protocol.Keys;
using Relay.Protocol.Quorum;
using Relay.Protocol.Text;

namespace Relay.Protocol.Negotiations;

/// <summary>The directory's document of one negotiation: members, mediators, quorum, routes. Immutable and safe to share.</summary>
public sealed class NegotiationDocument
{
    /// <summary>Longest document: 256 KiB.</summary>
    public const int MaxBytes = 256 * 1024;

    private readonly FrozenDictionary<string, NegotiationDelegation> _delegations;
    private readonly FrozenDictionary<string, NegotiationMediator> _mediators;
    private readonly FrozenDictionary<string, NegotiationMediator> _mediatorsByKey;

    // Null when the document names no routes.
    private readonly FrozenDictionary<string, FrozenSet<string>>? _routes;

    private NegotiationDocument(NegotiationReader reader, byte[] bytes)
    {
        Negotiation = reader.Negotiation!;
        Mode = reader.Mode;
        Version = reader.Version;
        Rate = reader.Limit;
        Bytes = bytes;
        PolicyDigest = Digest.Of(bytes);
        Quorum = reader.Rule!;
        _delegations = reader.Delegations.ToFrozenDictionary(StringComparer.Ordinal);
        _mediators = reader.Mediators.ToFrozenDictionary(StringComparer.Ordinal);
        _mediatorsByKey = reader.Mediators.Values.ToFrozenDictionary(m => m.Key, KeyIdentifier.TextComparer);
        _routes = reader.Routes?.ToFrozenDictionary(
            route => route.Key, route => route.Value.ToFrozenSet(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    /// <summary>The document as it was read.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Name of the negotiation.</summary>
    public string Negotiation { get; }

    /// <summary>Delegations by name.</summary>
    public IReadOnlyDictionary<string, NegotiationDelegation> Delegations => _delegations;

    /// <summary>Mediators by name.</summary>
    public IReadOnlyDictionary<string, NegotiationMediator> Mediators => _mediators;

    /// <summary>Weights and quorum.</summary>
    public QuorumRule Quorum { get; }

    /// <summary>Whether envelopes are taken; <see cref="NegotiationMode.Open"/> when the document does not say.</summary>
    public NegotiationMode Mode { get; }

    /// <summary>What all delegations together may send; null when the document sets no limit.</summary>
    public RateLimit? Rate { get; }

    /// <summary>Rises with every change of the document, from 1.</summary>
    public long Version { get; }

    /// <summary>SHA-256 of the document's bytes.</summary>
    public Digest PolicyDigest { get; }

    /// <summary>Reads a document from a source that the caller trusts.</summary>
    /// <exception cref="InvalidDataException">It is none; the message lists everything that is wrong with it.</exception>
    public static NegotiationDocument Parse(ReadOnlySpan<byte> json) =>
        TryParse(json, out var document, out var errors)
            ? document
            : throw new InvalidDataException($"Expected a negotiation document: {string.Join(' ', errors)}");

    /// <summary>Reads and checks a document. Never throws on bad input; reports every error at once.</summary>
    /// <param name="json">UTF-8 JSON, at most <see cref="MaxBytes"/>.</param>
    /// <param name="document">Null when false.</param>
    /// <param name="errors">What is wrong, one sentence each with the member's path; empty when true.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> json, [NotNullWhen(true)] out NegotiationDocument? document, out IReadOnlyList<string> errors)
    {
        document = null;
        if (!StrictJsonDocument.TryParse(json, MaxBytes, out var tree, out var error))
        {
            errors = [error];
            return false;
        }
        using (tree)
        {
            var reader = new NegotiationReader();
            reader.Read(tree.RootElement);
            errors = reader.Errors;
            if (reader.Errors.Count > 0)
            {
                reader.DisposeKeys();
                return false;
            }
            document = new NegotiationDocument(reader, json.ToArray());
            return true;
        }
    }

    /// <summary>
    /// True when both are members and <paramref name="from"/> may address
    /// <paramref name="to"/>. Without <c>routes</c> every member may address every other.
    /// </summary>
    public bool MayAddress(string from, string to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (from == to || !_delegations.ContainsKey(from) || !_delegations.ContainsKey(to)) return false;
        return _routes is null || (_routes.TryGetValue(from, out var targets) && targets.Contains(to));
    }

    /// <summary>The mediator whose key <paramref name="identifier"/> is a version of.</summary>
    public bool TryFindMediator(KeyIdentifier identifier, [NotNullWhen(true)] out NegotiationMediator? mediator)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        return _mediatorsByKey.TryGetValue(identifier.Key, out mediator);
    }
}

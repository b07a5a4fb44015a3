using Relay.Core.Directory;
using Relay.Core.Verification;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Benchmarks.Shapes;

/// <summary>The documents of a backlog's negotiations and its one mediator's key, in memory.</summary>
internal sealed class ShapeDirectory(ShapeSenders senders) : IDirectoryDocumentSource, IPublicKeySource
{
    private readonly KeyLookup _key = VerificationKey.TryCreate(senders.MediatorKey, out var verification, out var error)
        ? new KeyLookup(KeyStatus.Usable, verification)
        : throw new InvalidOperationException(error);

    private readonly HashSet<string> _names = new(senders.Negotiations, StringComparer.Ordinal);

    public ValueTask<DirectoryRead> ReadAsync(string negotiation, string? knownVersion, CancellationToken cancellationToken) =>
        new(knownVersion is null
            ? new DirectoryRead(DirectoryReadStatus.Found, senders.Document(negotiation), "1")
            : new DirectoryRead(DirectoryReadStatus.Unchanged, default, knownVersion));

    public ValueTask<IReadOnlySet<string>?> ListAsync(int max, CancellationToken cancellationToken) =>
        new(_names.Count <= max ? _names : null);

    public ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken) => new(_key);
}

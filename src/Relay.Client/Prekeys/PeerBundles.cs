using Relay.Client.Files;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Prekeys;

/// <summary>
/// The newest bundles that a delegation has seen of others, in a folder: <c>peer-{name}.txt</c>. Nothing in it is secret, and an older
/// bundle is refused from then on. Safe for concurrent use, also by several processes.
/// </summary>
public sealed class PeerBundles
{
    private readonly string _folder;
    private readonly string _negotiation;

    /// <param name="folder">The folder; of a <see cref="PrekeyStore"/>, or one that has no private keys. Made when it is not there.</param>
    /// <param name="negotiation">The negotiation.</param>
    public PeerBundles(string folder, string negotiation)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!RelayName.IsValid(negotiation)) throw new ArgumentException("Expected the name of a negotiation.", nameof(negotiation));
        (_folder, _negotiation) = (folder, negotiation);
    }

    /// <summary>The newest bundle seen of a delegation; null when none was.</summary>
    /// <exception cref="PrekeyStoreException">The file is damaged: to begin anew would take an older bundle.</exception>
    internal PeerBundle? Find(string delegation)
    {
        if (SealedFile.Read(PathOf(delegation)) is not { } bytes) return null;
        return PeerBundle.Parse(bytes) is { } peer && peer.Bundle.Delegation == delegation && peer.Bundle.Negotiation == _negotiation
            ? peer
            : throw new PrekeyStoreException($"expected the newest bundle of {delegation}, got something else: restore the file");
    }

    /// <summary>Keeps the newest bundle of a delegation, unless another process has kept a newer one meanwhile.</summary>
    internal async ValueTask SaveAsync(PeerBundle peer, TimeProvider time, CancellationToken cancellationToken)
    {
        var path = PathOf(peer.Bundle.Delegation);
        using var only = await FileLock.TakeAsync(Path.Combine(_folder, "peers.lock"), time, cancellationToken).ConfigureAwait(false);
        if (Find(peer.Bundle.Delegation) is { } kept && kept.Bundle.Number >= peer.Bundle.Number) return;
        PrivateFile.Write(path, peer.ToBytes());
    }

    private string PathOf(string delegation) => RelayName.IsValid(delegation)
        ? Path.Combine(_folder, $"peer-{delegation}.txt")
        : throw new ArgumentException($"Expected the name of a delegation, got '{delegation}'.", nameof(delegation));
}

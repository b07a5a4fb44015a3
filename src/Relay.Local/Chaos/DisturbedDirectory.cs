using Relay.Core.Directory;
using Relay.Core.Health;

namespace Relay.Local.Chaos;

/// <summary>A directory that suffers what the board says.</summary>
internal sealed class DisturbedDirectory(IDirectoryDocumentSource source, ChaosBoard board) : IDirectoryDocumentSource
{
    private readonly CallDisturbance _calls = new(board, Dependency.Directory);

    public ValueTask<DirectoryRead> ReadAsync(string negotiation, string? knownVersion, CancellationToken cancellationToken) =>
        _calls.RunAsync(
            () => source.ReadAsync(negotiation, knownVersion, cancellationToken),
            static _ => new DirectoryRead(DirectoryReadStatus.Unavailable, default, null),
            cancellationToken);

    public ValueTask<IReadOnlySet<string>?> ListAsync(int max, CancellationToken cancellationToken) =>
        _calls.RunAsync(() => source.ListAsync(max, cancellationToken), static _ => null, cancellationToken);
}

using Relay.Core.Directory;

namespace Relay.Core.Health;

/// <summary>Asks the directory for a document that is not there, so that none is read for it.</summary>
/// <param name="source">Made when first asked: a source that cannot be made is down, and no reason for a process not to start.</param>
internal sealed class DirectoryProbe(Func<IDirectoryDocumentSource> source) : IDependencyProbe
{
    // As safe in a path as a negotiation's name, and none: it breaks the rule of names.
    private const string Nothing = ".probe";

    public Dependency Dependency => Dependency.Directory;

    public async ValueTask<bool> ProbeAsync(CancellationToken cancellationToken)
    {
        var read = await source().ReadAsync(Nothing, knownVersion: null, cancellationToken).ConfigureAwait(false);
        return read.Status != DirectoryReadStatus.Unavailable;
    }
}

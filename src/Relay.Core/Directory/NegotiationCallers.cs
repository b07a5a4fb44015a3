using Relay.Protocol.Negotiations;

namespace Relay.Core.Directory;

/// <summary>Whether a caller may read a negotiation; closed.</summary>
public enum CallerStanding
{
    /// <summary>The negotiation's document names it.</summary>
    Named,

    /// <summary>It does not, or there is no such negotiation: a stranger is not told which.</summary>
    NotNamed,

    /// <summary>The directory cannot be read now.</summary>
    Unavailable,
}

/// <summary>
/// Answers who may read a negotiation: those that <c>callers</c> of any of its delegations names. Fails closed. Safe for concurrent use.
/// </summary>
public sealed class NegotiationCallers
{
    private readonly NegotiationDirectory _directory;

    internal NegotiationCallers(NegotiationDirectory directory) => _directory = directory;

    /// <summary>Looks a caller up.</summary>
    /// <param name="negotiation">Name of the negotiation, from the caller: any text.</param>
    /// <param name="caller">Who has proved to be who.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<CallerStanding> FindAsync(string negotiation, Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var entry = await _directory.FindAsync(negotiation, DirectoryShare.Caller, cancellationToken).ConfigureAwait(false);
        if (entry is null or { Problem: not null }) return CallerStanding.Unavailable;
        if (entry.Document is not { } document) return CallerStanding.NotNamed;
        foreach (var delegation in document.Delegations.Values)
        {
            foreach (var named in delegation.Callers)
            {
                if (Matches(named, caller)) return CallerStanding.Named;
            }
        }

        return CallerStanding.NotNamed;
    }

    private static bool Matches(CallerName named, Caller caller) =>
        named.ObjectId is { } objectId
            ? caller.ObjectId == objectId
            : named.PublicKeyHash is { } hash && caller.PublicKeyHash is { } own && hash.Span.SequenceEqual(own.Span);
}

/// <summary>A caller as far as it has proved who it is; at least one member is set.</summary>
/// <param name="PublicKeyHash">SHA-256 of the SubjectPublicKeyInfo of the certificate whose key it holds; null without one.</param>
/// <param name="ObjectId">Entra object id of a validated token; null without one.</param>
public sealed record Caller(ReadOnlyMemory<byte>? PublicKeyHash, Guid? ObjectId);

using Relay.Core.Ledger.State;
using Relay.Protocol.Ledger;

namespace Relay.Core.Ledger.Keys;

/// <summary>
/// Says whether a head as read is one that this relay signed: certificate, signature, and a checkpoint by the same key over the same tree.
/// </summary>
/// <remarks>What it cannot tell is an old head from the newest one: whoever reads heads remembers the highest commit he has seen.</remarks>
public sealed class HeadVerifier(CheckpointKeyRing keys)
{
    /// <param name="head">As read.</param>
    /// <param name="note">The note it was read from.</param>
    /// <param name="origin">The ledger's origin.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<HeadCheck> CheckAsync(LedgerHead head, SignedNote note, string origin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(note);
        if (head.Origin != origin) return Damaged($"expected a head of {origin}, got one of {head.Origin}");
        var found = await keys.FindAsync(head.Certificate, origin, cancellationToken).ConfigureAwait(false);
        if (found.Key is not { } key)
        {
            return new HeadCheck(
                found.Status == CertifiedKeyStatus.Unavailable ? HeadCheckStatus.Unavailable : HeadCheckStatus.Damaged, found.Problem);
        }
        if (key.Verify(note) is not NoteFault.None and var fault)
        {
            return Damaged($"expected a head signed by its certified key, got {fault}");
        }
        if (key.Verify(head.Checkpoint) is not NoteFault.None and var inner)
        {
            return Damaged($"expected a checkpoint signed by the head's key, got {inner}");
        }
        if (!Checkpoint.TryParse(head.Checkpoint.Text.Span, out var checkpoint, out var error)) return Damaged(error);
        if (checkpoint.Origin != origin || checkpoint.Size != head.State.Size || checkpoint.Root != head.State.Range.Root())
        {
            return Damaged(
                $"expected a checkpoint of {origin} at size {head.State.Size}, got one of {checkpoint.Origin} at {checkpoint.Size} "
                    + "or with another root");
        }

        // A stolen short-lived key must not outlive its hour by more than a clock's lag.
        return head.State.At > head.Certificate.ExpiresAt
            ? Damaged($"expected a key valid at {head.State.At:u}, got one until {head.Certificate.ExpiresAt:u}")
            : new HeadCheck(HeadCheckStatus.Signed, "");
    }

    private static HeadCheck Damaged(string problem) => new(HeadCheckStatus.Damaged, problem);
}

/// <summary>What became of a check; closed.</summary>
public enum HeadCheckStatus
{
    /// <summary>This relay signed it.</summary>
    Signed,

    /// <summary>It did not, or not so.</summary>
    Damaged,

    /// <summary>The vault key that would tell cannot be read now.</summary>
    Unavailable,
}

/// <summary>Answer of a <see cref="HeadVerifier"/>.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Problem">What was expected and what came; empty when signed.</param>
public readonly record struct HeadCheck(HeadCheckStatus Status, string Problem);

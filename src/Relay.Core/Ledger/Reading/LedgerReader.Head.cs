using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.State;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Reading;

/// <summary>What only the head knows: which bundle of prekeys is in force, which mode, how far ahead of its rate a stream is.</summary>
public sealed partial class LedgerReader
{
    /// <summary>The state that the newest head has.</summary>
    public async ValueTask<LedgerRead<LedgerState>> StateAsync(string negotiation, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(Blobs(negotiation), negotiation, cancellationToken).ConfigureAwait(false);
        return head.IsFound ? head.Value.State : head.Failure;
    }

    /// <summary>The same for whoever asks again and again: a head whose note was verified before is not verified anew.</summary>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="known">What this gave the last time; null for nothing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns><paramref name="known"/> itself where the head is still that one.</returns>
    public async ValueTask<LedgerRead<HeadState>> StateAsync(string negotiation, HeadState? known, CancellationToken cancellationToken)
    {
        var read = await Blobs(negotiation).GetAsync(LedgerPaths.Head(negotiation), cancellationToken).ConfigureAwait(false);
        if (!read.IsFound) return read.Failure;
        // What is staged behind it says nothing of the state, and is most of it.
        var digest = Digest.Of(HeadCodec.NoteOf(read.Value.Content).Span);
        if (known is not null && digest == known.Head) return known;
        var head = await VerifyHeadAsync(read.Value, negotiation, cancellationToken).ConfigureAwait(false);
        return head.IsFound ? new HeadState(digest, head.Value.State) : head.Failure;
    }

    /// <summary>The bundle in force of a delegation, and how many of its keys are left.</summary>
    public async ValueTask<LedgerRead<PrekeyState>> PrekeysAsync(
        string negotiation, string delegation, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(Blobs(negotiation), negotiation, cancellationToken).ConfigureAwait(false);
        if (head.IsFound && head.Value.State.FindPrekeys(delegation) is { } prekeys) return prekeys;
        return head.Status is LedgerReadStatus.Unavailable or LedgerReadStatus.Damaged
            ? head.Failure
            : new LedgerReadFailure(LedgerReadStatus.Absent, $"expected a delegation with a bundle of prekeys, got {delegation}");
    }

    private async ValueTask<LedgerRead<LedgerHead>> HeadAsync(PublishedBlobs blobs, string negotiation, CancellationToken cancellationToken)
    {
        var read = await blobs.GetAsync(LedgerPaths.Head(negotiation), cancellationToken).ConfigureAwait(false);
        return read.IsFound ? await VerifyHeadAsync(read.Value, negotiation, cancellationToken).ConfigureAwait(false) : read.Failure;
    }

    private async ValueTask<LedgerRead<LedgerHead>> VerifyHeadAsync(
        VerifiedBytes bytes, string negotiation, CancellationToken cancellationToken)
    {
        if (!HeadCodec.TryRead(bytes.Content, out var head, out var note, out var error)) return Damaged(error);
        var check = await _heads.CheckAsync(head, note, Origin(negotiation), cancellationToken).ConfigureAwait(false);
        return check.Status switch
        {
            HeadCheckStatus.Signed => head,
            HeadCheckStatus.Damaged => Damaged(check.Problem),
            HeadCheckStatus.Unavailable => new LedgerReadFailure(LedgerReadStatus.Unavailable, check.Problem),
        };
    }
}

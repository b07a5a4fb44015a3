using Relay.Core.Ledger.State;
using Relay.Protocol.Ledger;

namespace Relay.Core.Ledger.Keys;

/// <summary>Signs the heads of one ledger. Not for concurrent use.</summary>
internal sealed class HeadSigner(string origin)
{
    private CheckpointSigner? _signer;
    private NoteKey? _key;

    /// <summary>The verifying half of a signer under the ledger's name.</summary>
    public NoteKey KeyOf(CheckpointSigner signer)
    {
        if (_signer == signer && _key is not null) return _key;
        _key = signer.CreateNoteKey(origin);
        _signer = signer;
        return _key;
    }

    /// <summary>Signs the checkpoint of a state and then the head that carries it.</summary>
    /// <param name="signer">Signs.</param>
    /// <param name="state">The new head's.</param>
    /// <param name="staged">What stands behind it.</param>
    /// <param name="before">The head before, verified or written here; null for none. Its checkpoint is taken over if it is of the same
    /// tree by the same key: so it is of a commit that records forwarded entries and nothing else.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<(LedgerHead Head, SignedNote Note)> SignAsync(
        CheckpointSigner signer, LedgerState state, StagedCommit? staged, LedgerHead? before, CancellationToken cancellationToken)
    {
        var key = KeyOf(signer);
        var root = state.Range.Root();
        var isSame = before is not null && before.State.Size == state.Size && before.State.Range.Root() == root
            && before.Certificate.Bytes.SequenceEqual(signer.Certificate.Bytes);
        var checkpoint = isSame
            ? before!.Checkpoint
            : await signer.SignAsync(new Checkpoint(origin, state.Size, root).ToBytes(), key, cancellationToken).ConfigureAwait(false);
        var head = new LedgerHead(origin, state, staged, checkpoint, signer.Certificate);
        return (head, await signer.SignAsync(HeadCodec.WriteText(head), key, cancellationToken).ConfigureAwait(false));
    }
}

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
        _key?.Dispose();
        _key = signer.CreateNoteKey(origin);
        _signer = signer;
        return _key;
    }

    /// <summary>Signs the checkpoint of a state and then the head that carries it.</summary>
    public async ValueTask<(LedgerHead Head, SignedNote Note)> SignAsync(
        CheckpointSigner signer, LedgerState state, StagedCommit? staged, CancellationToken cancellationToken)
    {
        var key = KeyOf(signer);
        var checkpoint = await signer.SignAsync(
            new Checkpoint(origin, state.Size, state.Range.Root()).ToBytes(), key, cancellationToken).ConfigureAwait(false);
        var head = new LedgerHead(origin, state, staged, checkpoint, signer.Certificate);
        return (head, await signer.SignAsync(HeadCodec.WriteText(head), key, cancellationToken).ConfigureAwait(false));
    }
}

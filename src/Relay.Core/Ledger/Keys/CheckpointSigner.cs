using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.Core.Ledger.Keys;

/// <summary>
/// A short-lived key with its certificate: signs checkpoints and heads. Safe
/// for concurrent use; <see cref="CheckpointKeys"/> owns and retires it.
/// </summary>
public sealed class CheckpointSigner : IDisposable
{
    private readonly PrivateJwk _key;
    private readonly LocalSigner _signer;
    private readonly NoteKey _name;

    internal CheckpointSigner(PrivateJwk key, CheckpointKeyCertificate certificate)
    {
        _key = key;
        _signer = new LocalSigner(key);
        _name = NoteKey.TryCreate(certificate.OriginPrefix, certificate.Key, out var name, out var error)
            ? name
            : throw new ArgumentException(error, nameof(certificate));
        Certificate = certificate;
    }

    /// <summary>The certificate, which every head and receipt carries.</summary>
    public CheckpointKeyCertificate Certificate { get; }

    /// <summary>The verifying half under the name of a ledger; need not be disposed.</summary>
    public NoteKey CreateNoteKey(string origin) => _name.Named(origin);

    /// <summary>Signs a text.</summary>
    /// <param name="text">Lines of UTF-8, each with its newline.</param>
    /// <param name="name">From <see cref="CreateNoteKey"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public ValueTask<SignedNote> SignAsync(ReadOnlyMemory<byte> text, NoteKey name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.SignAsync(text, _signer, cancellationToken);
    }

    /// <summary>Wipes the private key.</summary>
    public void Dispose()
    {
        _name.Dispose();
        _signer.Dispose();
        _key.Dispose();
    }
}

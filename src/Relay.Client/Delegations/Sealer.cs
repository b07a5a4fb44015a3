using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;

namespace Relay.Client.Delegations;

/// <summary>
/// Makes heads for mediators to sign and the contents they name: signs and encrypts a statement
/// to each addressee's published key, a hybrid one by HPKE, and continues the sender's stream.
/// Keeps no state of its own, so the caller keeps the <see cref="StreamPosition"/>. Safe for concurrent use.
/// </summary>
public sealed class Sealer
{
    private readonly NegotiationDocument _document;
    private readonly string _sender;
    private readonly IJwsSigner _identity;
    private readonly LedgerView? _view;
    private readonly TimeProvider _time;

    /// <summary>Seals for one delegation of one negotiation.</summary>
    /// <param name="document">The negotiation.</param>
    /// <param name="sender">The delegation that speaks.</param>
    /// <param name="identity">Its identity key, <c>{sender}#{number}</c>; ES256.</param>
    /// <param name="view">The checkpoints it has seen, the newest of which goes into what it sends as <c>seen</c>; null sends none.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentException">The sender is not a member, or the key is not one its document names.</exception>
    public Sealer(NegotiationDocument document, string sender, IJwsSigner identity, LedgerView? view, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(sender);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(time);
        if (!document.Delegations.TryGetValue(sender, out var delegation))
        {
            throw new ArgumentException($"Expected a delegation of {document.Negotiation}, got '{sender}'.", nameof(sender));
        }
        if (!delegation.IdentityKeys.Any(k => k.KeyId == identity.KeyId))
        {
            throw new ArgumentException(
                $"Expected an identity key that the document names for {sender}, got '{identity.KeyId}'.", nameof(identity));
        }
        _document = document;
        _sender = sender;
        _identity = identity;
        _view = view;
        _time = time;
    }

    /// <summary>Seals the next statement of a stream.</summary>
    /// <param name="statement">What to say.</param>
    /// <param name="position">Where the lane's stream stands.</param>
    /// <param name="cancellationToken">Ends the signing call.</param>
    /// <returns>The head for the mediators to sign, with its content; <see cref="StreamPosition.After"/> gives
    /// the position it leads to.</returns>
    /// <exception cref="ArgumentException">An addressee is not a member, may not be addressed
    /// or has published no encryption key, or a rule of the format is broken.</exception>
    public async Task<SealedEnvelope> SealAsync(OutgoingStatement statement, StreamPosition position, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var id = new EnvelopeId(_document.Negotiation, _sender, statement.Lane, position.Sequence + 1);
        var recipients = statement.Audience.Select(RecipientKey).ToList();
        var draft = new StatementDraft
        {
            Id = id,
            Audience = statement.Audience,
            ContentType = statement.ContentType,
            Body = statement.Body,
        };
        var content = await ContentSealer.SealAsync(draft, _identity, recipients, HpkeKeyEncryption.Instance, cancellationToken)
            .ConfigureAwait(false);
        var now = _time.GetUtcNow();
        return SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = id,
            Audience = statement.Audience,
            Previous = position.Digest,
            IssuedAt = now,
            NotBefore = statement.NotBefore,
            ExpiresAt = now + statement.Lifetime,
            Seen = _view?.Newest,
            Content = content,
        });
    }

    /// <summary>
    /// Puts a statement that was sealed before under a new head of the same id: with new times,
    /// and continuing what now comes before it. Only for an envelope that never was logged.
    /// </summary>
    /// <param name="earlier">The envelope it was in.</param>
    /// <param name="position">Where the lane's stream stands before it.</param>
    /// <param name="lifetime">How long it may be delivered from now, up to 30 days.</param>
    /// <returns>The head for the mediators to sign, with its content; its embargo is the earlier one's.</returns>
    /// <exception cref="ArgumentException">The envelope is of another stream or sequence, or a rule of the format is broken.</exception>
    public SealedEnvelope Reissue(SealedEnvelope earlier, StreamPosition position, TimeSpan lifetime)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        var id = new EnvelopeId(_document.Negotiation, _sender, earlier.Id.Lane, position.Sequence + 1);
        if (earlier.Id != id) throw new ArgumentException($"Expected envelope {id}, got {earlier.Id}.", nameof(earlier));
        var now = _time.GetUtcNow();
        return SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = id,
            Audience = earlier.Head.Audience,
            Previous = position.Digest,
            IssuedAt = now,
            NotBefore = earlier.Head.NotBefore > now ? earlier.Head.NotBefore : null,
            ExpiresAt = now + lifetime,
            Seen = _view?.Newest,
            Content = earlier.Content,
        });
    }

    private PublicJwk RecipientKey(string addressee)
    {
        if (!_document.MayAddress(_sender, addressee))
        {
            throw new ArgumentException(
                $"Expected an addressee that {_sender} may address in {_document.Negotiation}, got '{addressee}'.", nameof(addressee));
        }
        var keys = _document.Delegations[addressee].EncryptionKeys;
        if (keys.IsEmpty)
        {
            throw new ArgumentException($"Expected an encryption key of {addressee} in the document, got none.", nameof(addressee));
        }
        return keys[0];
    }
}

using Relay.Client.Ledger;
using Relay.Client.Prekeys;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Ledger;
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
    private readonly PrekeyClaimer? _prekeys;

    /// <summary>Seals for one delegation of one negotiation.</summary>
    /// <param name="document">The negotiation.</param>
    /// <param name="sender">The delegation that speaks.</param>
    /// <param name="identity">Its identity key, <c>{sender}#{number}</c>; ES256.</param>
    /// <param name="view">The checkpoints it has seen, the newest of which goes into what it sends as <c>seen</c>; null sends none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="prekeys">Claims the addressees' keys; null seals to those of the document, which are kept for long.</param>
    /// <exception cref="ArgumentException">The sender is not a member, or the key is not one its document names.</exception>
    public Sealer(
        NegotiationDocument document,
        string sender,
        IJwsSigner identity,
        LedgerView? view,
        TimeProvider time,
        PrekeyClaimer? prekeys = null)
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
        _prekeys = prekeys;
    }

    /// <summary>Seals the next statement of a stream.</summary>
    /// <param name="statement">What to say.</param>
    /// <param name="position">Where the lane's stream stands.</param>
    /// <param name="cancellationToken">Ends the signing call.</param>
    /// <returns>The head for the mediators to sign, with its content; <see cref="StreamPosition.After"/> gives
    /// the position it leads to.</returns>
    /// <exception cref="ArgumentException">An addressee is not a member, may not be addressed
    /// or has published no encryption key, or a rule of the format is broken.</exception>
    public async Task<SealedEnvelope> SealAsync(
        OutgoingStatement statement, StreamPosition position, CancellationToken cancellationToken) =>
        (await SealStatementAsync(statement, position, cancellationToken).ConfigureAwait(false)).Envelope;

    /// <summary>Seals the next statement of a stream, and says to which key for each addressee.</summary>
    /// <param name="statement">What to say.</param>
    /// <param name="position">Where the lane's stream stands.</param>
    /// <param name="cancellationToken">Ends the claim and the signing call; keys may then be claimed, and the same are given again.</param>
    /// <exception cref="ArgumentException">As of <see cref="SealAsync"/>.</exception>
    public async Task<SealedStatement> SealStatementAsync(
        OutgoingStatement statement, StreamPosition position, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var id = new EnvelopeId(_document.Negotiation, _sender, statement.Lane, position.Sequence + 1);
        foreach (var addressee in statement.Audience) CheckAddressee(addressee);
        var choices = new List<PrekeyChoice>();
        foreach (var addressee in statement.Audience)
        {
            choices.Add(_prekeys is null
                ? DocumentKey(addressee)
                : (await _prekeys.ClaimAsync(addressee, [id], cancellationToken).ConfigureAwait(false))[0]);
        }
        var recipients = choices.ConvertAll(choice => choice.Key);
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
        var envelope = SealedEnvelope.Create(new EnvelopeDraft
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
        return new SealedStatement(envelope, [.. choices]);
    }

    /// <summary>
    /// Puts a statement that was sealed before under a new head of the same id: with new times,
    /// and continuing what now comes before it. Only for an envelope that never was logged.
    /// </summary>
    /// <param name="earlier">The envelope it was in.</param>
    /// <param name="position">Where the lane's stream stands before it.</param>
    /// <param name="lifetime">How long it may be delivered from now, up to 30 days.</param>
    /// <returns>
    /// The head for the mediators to sign, with its content; its embargo is the earlier one's. Of a content that was sealed to prekeys it
    /// says when that was, and ends by <see cref="OpenableUntil"/>.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The envelope is of another stream or sequence, a rule of the format is broken, or its addressees may have the keys no more.
    /// </exception>
    public SealedEnvelope Reissue(SealedEnvelope earlier, StreamPosition position, TimeSpan lifetime)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        var id = new EnvelopeId(_document.Negotiation, _sender, earlier.Id.Lane, position.Sequence + 1);
        if (earlier.Id != id) throw new ArgumentException($"Expected envelope {id}, got {earlier.Id}.", nameof(earlier));
        var now = _time.GetUtcNow();
        var until = OpenableUntil(earlier);
        if (until <= now)
        {
            throw new ArgumentException(
                $"Expected a content whose keys its addressees still have, that of {id} is sealed to prekeys, kept until {until:u}.",
                nameof(earlier));
        }
        return SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = id,
            Audience = earlier.Head.Audience,
            Previous = position.Digest,
            // Prekeys are kept for the longest that an envelope may last after they were sealed to, and that stays the time of it.
            IssuedAt = until is null ? now : earlier.Head.IssuedAt,
            NotBefore = earlier.Head.NotBefore > now ? earlier.Head.NotBefore : null,
            ExpiresAt = until < now + lifetime ? until.Value : now + lifetime,
            Seen = _view?.Newest,
            Content = earlier.Content,
        });
    }

    /// <summary>
    /// Until when the addressees surely have the keys that a content is sealed to: 30 days after it was, when one of them is a prekey. Null
    /// when all are keys of the negotiation document, which have no end.
    /// </summary>
    /// <param name="envelope">As it was sealed, or sealed and issued again.</param>
    public static DateTimeOffset? OpenableUntil(SealedEnvelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return ContentOpener.ReadKeyIds(envelope).Any(PrekeyBundle.IsPrekey) ? envelope.Head.IssuedAt + EnvelopeLimits.MaxLifetime : null;
    }

    private void CheckAddressee(string addressee)
    {
        if (_document.MayAddress(_sender, addressee)) return;
        throw new ArgumentException(
            $"Expected an addressee that {_sender} may address in {_document.Negotiation}, got '{addressee}'.", nameof(addressee));
    }

    private PrekeyChoice DocumentKey(string addressee)
    {
        var keys = _document.Delegations[addressee].EncryptionKeys;
        return keys.IsEmpty
            ? throw new ArgumentException($"Expected an encryption key of {addressee} in the document, got none.", nameof(addressee))
            : new PrekeyChoice(addressee, keys[0], null, "prekeys are not in use");
    }
}

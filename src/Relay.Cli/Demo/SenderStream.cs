using System.Text;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Cli.Demo;

/// <summary>One delegation's statements in one lane, in order. Not safe for concurrent use.</summary>
internal sealed class SenderStream(string negotiation, NegotiationDocument document, LocalDelegation sender, Lane lane, TimeProvider time)
{
    private long _sequence;
    private Digest? _previous;

    /// <summary>Seals and numbers the stream's next statement; the stream moves on.</summary>
    public async Task<SealedEnvelope> SayAsync(IReadOnlyList<string> audience, string text, CancellationToken cancellationToken)
    {
        var next = await DraftAsync(audience, text, static draft => draft, cancellationToken);
        _sequence++;
        _previous = next.Digest;
        return next;
    }

    /// <summary>What the stream's next statement would be, bent by <paramref name="bend"/>; the stream stays where it is.</summary>
    public async Task<SealedEnvelope> DraftAsync(
        IReadOnlyList<string> audience, string text, Func<EnvelopeDraft, EnvelopeDraft> bend, CancellationToken cancellationToken)
    {
        var id = new EnvelopeId(negotiation, sender.Name, lane, _sequence + 1);
        using var identity = new LocalSigner(sender.Identity);
        // Who is not in the document has no key in it; the envelope is to be refused before anyone could open it.
        var recipients = audience.Select(
            name => document.Delegations.TryGetValue(name, out var known) ? known.EncryptionKeys[0] : sender.Encryption.Public).ToList();
        var statement = new StatementDraft
        {
            Id = id,
            Audience = audience,
            ContentType = "text/plain",
            Body = Encoding.UTF8.GetBytes(text),
        };
        var now = time.GetUtcNow();
        return SealedEnvelope.Create(bend(new EnvelopeDraft
        {
            Id = id,
            Audience = audience,
            Previous = _previous,
            IssuedAt = now,
            ExpiresAt = now + TimeSpan.FromHours(1),
            Content = await ContentSealer.SealAsync(statement, identity, recipients, HpkeKeyEncryption.Instance, cancellationToken),
        }));
    }
}

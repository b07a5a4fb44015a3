using System.Diagnostics.CodeAnalysis;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>A head and the content that it names by hash: what a sender makes and mediators vouch for. Immutable.</summary>
public sealed class SealedEnvelope
{
    internal SealedEnvelope(EnvelopeHead head, ReadOnlyMemory<byte> content)
    {
        Head = head;
        Content = content;
    }

    /// <summary>What mediators sign.</summary>
    public EnvelopeHead Head { get; }

    /// <summary>The JWE in JSON serialization; its SHA-256 is <see cref="EnvelopeHead.ContentHash"/>.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Same as <c>Head.Id</c>.</summary>
    public EnvelopeId Id => Head.Id;

    /// <summary>Same as <c>Head.Digest</c>.</summary>
    public Digest Digest => Head.Digest;

    /// <summary>Writes the head of a draft.</summary>
    /// <exception cref="ArgumentException">The draft breaks a rule of the format; the message says which.</exception>
    public static SealedEnvelope Create(EnvelopeDraft draft)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return EnvelopeHead.TryParse(EnvelopeHeadWriter.Write(draft), out var head, out _, out var detail)
            ? new SealedEnvelope(head, draft.Content)
            : throw new ArgumentException(detail, nameof(draft));
    }

    /// <summary>Joins a head and a content; false when the content is not the one that the head names.</summary>
    /// <param name="head">The head.</param>
    /// <param name="content">Kept, so it must not change afterwards.</param>
    /// <param name="envelope">Null when false.</param>
    public static bool TryJoin(EnvelopeHead head, ReadOnlyMemory<byte> content, [NotNullWhen(true)] out SealedEnvelope? envelope)
    {
        ArgumentNullException.ThrowIfNull(head);
        envelope = Digest.Of(content.Span) == head.ContentHash ? new SealedEnvelope(head, content) : null;
        return envelope is not null;
    }
}

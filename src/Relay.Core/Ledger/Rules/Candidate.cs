using System.Collections.Immutable;
using Relay.Core.Admission;
using Relay.Core.Ledger.State;
using Relay.Core.Rates;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Core.Ledger.Rules;

/// <summary>An admitted envelope that asks to be logged. Immutable.</summary>
/// <param name="Signed">The envelope's head with the signatures that counted, by mediator name.</param>
/// <param name="Counted">Places of those signatures on the wire, in the same order.</param>
/// <param name="Wire">Its bytes as they came.</param>
/// <param name="Policy">The negotiation document it was judged by.</param>
public sealed record Candidate(SignedHead Signed, ImmutableArray<int> Counted, ReadOnlyMemory<byte> Wire, PolicyState Policy)
{
    /// <summary>Bytes of its content, as sealed.</summary>
    public int ContentLength { get; init; }

    /// <summary>See <see cref="LedgerLimits.ReachOf"/>.</summary>
    public int Reach { get; init; } = LedgerLimits.HeldPerStream;

    /// <summary>What the document lets each lane of the sender do; null for no limit.</summary>
    public Gcra? Rate { get; init; }

    /// <summary>What the document lets the whole negotiation do; null for no limit.</summary>
    public Gcra? NegotiationRate { get; init; }

    /// <summary>
    /// Bytes of the document it was judged by, which the ledger keeps with the entry that puts it in force;
    /// empty for an envelope that was held, whose document is in force or was.
    /// </summary>
    public ReadOnlyMemory<byte> Document { get; init; }

    /// <summary>What was signed.</summary>
    public EnvelopeHead Head => Signed.Head;

    /// <summary>The envelope's id.</summary>
    public EnvelopeId Id => Head.Id;

    /// <summary>When it was written, or may be delivered: no entry of it is dated much before.</summary>
    public DateTimeOffset Begins => Head.NotBefore > Head.IssuedAt ? Head.NotBefore.Value : Head.IssuedAt;

    /// <summary>What an entry says of it.</summary>
    public JudgedHead Judged => new(Policy.Digest, Signed);

    /// <summary>Takes what the commit needs of an admitted envelope.</summary>
    public static Candidate Of(AdmittedEnvelope admitted)
    {
        ArgumentNullException.ThrowIfNull(admitted);
        var document = admitted.Document;
        var rows = admitted.Quorum.Rows;
        ImmutableArray<int> counted =
        [
            .. Enumerable.Range(0, rows.Length)
                .Where(place => rows[place].Weight > 0)
                .OrderBy(place => rows[place].Finding.Mediator, StringComparer.Ordinal),
        ];
        return new Candidate(
            admitted.Envelope.SignedBy(counted),
            counted,
            admitted.Envelope.Wire,
            new PolicyState(document.Version, document.PolicyDigest))
        {
            ContentLength = admitted.Envelope.Sealed.Content.Length,
            Reach = LedgerLimits.ReachOf(document.Delegations.Count),
            Rate = document.Delegations.GetValueOrDefault(admitted.Envelope.Id.Sender)?.Rate is { } rate ? Gcra.Of(rate) : null,
            NegotiationRate = document.Rate is { } all ? Gcra.Of(all) : null,
            Document = document.Bytes,
        };
    }

    internal HeldContent ToHeld() => new(Counted, Policy, Wire);
}

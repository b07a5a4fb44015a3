using System.Buffers.Binary;
using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Simulation.Tests.Ledgers;

namespace Relay.Simulation.Tests.Judging;

/// <summary>
/// Says whether acknowledgements were kept as the relay promises: each truly said, of an envelope that is there, and once.
/// </summary>
internal static class AnswerJudge
{
    public static void Check(
        string negotiation,
        FinalLedger? ledger,
        IEnumerable<(Acknowledgement Said, AcknowledgementOutcome Outcome)> answered)
    {
        var entries = ledger?.Entries ?? [];
        var document = Envelopes.Parsed(negotiation, 1);
        var logged = new Dictionary<EnvelopeId, EnvelopeEntry>();
        var said = new Dictionary<(EnvelopeId, string), (long Index, Acknowledgement Said)>();
        for (var index = 0; index < entries.Count; index++)
        {
            if (entries[index] is EnvelopeEntry envelope) logged.TryAdd(envelope.Id, envelope);
            if (entries[index] is not AcknowledgementEntry { Acknowledgement: var one }) continue;
            Assert.True(logged.TryGetValue(one.Id, out var of), $"entry {index} acknowledges {one.Id}, which is not before it");
            Assert.True(one.CheckEnvelope(of.Head, out var detail) == AcknowledgementFault.None, detail);
            Assert.True(one.Verify(document, out detail) == AcknowledgementFault.None, detail);
            Assert.True(said.TryAdd((one.Id, one.Delegation), (index, one)), $"{one.Delegation} has acknowledged {one.Id} twice");
            var place = $"{negotiation}/acknowledged/{one.Id.Sender}-{one.Id.Lane.ToText()}/{one.Id.Sequence}-{one.Delegation}";
            Assert.True(
                ledger!.Read(place) is { Length: sizeof(long) } blob && BinaryPrimitives.ReadInt64BigEndian(blob) == index,
                $"{place} does not say {index}");
        }

        foreach (var (one, outcome) in answered.Where(pair => pair.Said.Id.Negotiation == negotiation))
        {
            Assert.True(
                said.TryGetValue((one.Id, one.Delegation), out var there),
                $"{one.Delegation}'s '{one}' of {one.Id} was answered {outcome.Verdict}, and the ledger has none");
            var isSame = there.Said.SaysTheSame(one);
            var fits = isSame
                ? outcome.Verdict is AcknowledgementVerdict.Logged or AcknowledgementVerdict.Repeated
                : outcome.Verdict == AcknowledgementVerdict.OtherState;
            Assert.True(fits, $"{one.Delegation}'s '{one}' of {one.Id} was answered {outcome.Verdict}, the ledger has '{there.Said}'");
            if (!isSame) continue;
            Assert.True(AcknowledgementReceipt.TryParse(outcome.Receipt, out var receipt, out _, out var error), error);
            Assert.Equal(there.Index, receipt.Proof.Index);
        }
    }
}

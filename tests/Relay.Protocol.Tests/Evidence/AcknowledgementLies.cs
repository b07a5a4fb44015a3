using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;
using Relay.Protocol.Tests.Ledger;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>Acknowledgements in a ledger, true ones and those that only a relay that lies logs.</summary>
internal sealed class AcknowledgementLies(EvidenceSamples samples, int size)
{
    /// <summary>By another's key, by one that the document has not, and of another negotiation.</summary>
    public async Task<EvidenceFile[]> ForgedAsync() =>
    [
        await OneAsync(await SayAsync(samples.Relay.Envelope, "iran", keyOf: "us")),
        await OneAsync(await SayAsync(samples.Relay.Envelope, "iran", number: 9), withDocument: true),
        await OneAsync(await SayAsync(Foreign(), "iran")),
    ];

    /// <summary>Of another content, by who was not addressed, before the envelope, and before one that comes before that.</summary>
    public async Task<EvidenceFile[]> FalseAsync()
    {
        var envelope = samples.Relay.Envelope;
        var logged = (await samples.EntryAsync()).ToBytes();
        var next = EvidenceSamples.Head(Samples.Draft(2) with { Previous = envelope.Digest });
        var other = EvidenceSamples.Head(Samples.Draft() with { IssuedAt = Samples.Issued.AddSeconds(1) });
        const LieKind Kind = LieKind.FalseAcknowledgement;
        return
        [
            await TwoAsync(Kind, logged, await SayAsync(other, "iran")), await TwoAsync(Kind, logged, await SayAsync(envelope, "oman")),
            await TwoAsync(Kind, await SayAsync(envelope, "iran"), logged), await TwoAsync(Kind, await SayAsync(next, "iran"), logged),
        ];
    }

    /// <summary>The same again, and a second mind.</summary>
    public async Task<EvidenceFile[]> TwiceAsync()
    {
        var opened = await SayAsync(samples.Relay.Envelope, "iran");
        var refused = await SayAsync(samples.Relay.Envelope, "iran", "not-opened");
        return [await TwoAsync(LieKind.AcknowledgedTwice, opened, opened), await TwoAsync(LieKind.AcknowledgedTwice, opened, refused)];
    }

    /// <summary>The entry in which a delegation says what became of an envelope.</summary>
    public async Task<byte[]> SayAsync(EnvelopeHead head, string by, string? reason = null, string? keyOf = null, int number = 1)
    {
        using var signer = new LocalSigner(EvidenceSamples.Identities[keyOf ?? by], $"{by}#{number}");
        var said = await Acknowledgement.SignAsync(
            new AcknowledgementDraft { Id = head.Id, Digest = head.Digest, Reason = reason, IssuedAt = LedgerSamples.Start },
            signer,
            TestContext.Current.CancellationToken);
        var entry = new AcknowledgementEntry
        {
            Policy = samples.Document.PolicyDigest,
            Acknowledgement = said,
            At = LedgerSamples.Start.AddMinutes(8),
        };
        return entry.ToBytes();
    }

    /// <summary>Said of an envelope of another negotiation.</summary>
    public static EnvelopeHead Foreign() =>
        EvidenceSamples.Head(Samples.Draft() with { Id = Samples.FirstId with { Negotiation = "oslo-2026" } });

    private async Task<EvidenceFile> OneAsync(byte[] entry, bool withDocument = false) => EvidenceFile.Create(
        LieKind.ForgedAcknowledgement, [await samples.TreeAsync(size, (4, entry))], null, withDocument ? samples.Document.Bytes : default);

    private async Task<EvidenceFile> TwoAsync(LieKind kind, byte[] one, byte[] two) =>
        EvidenceFile.Create(kind, [await samples.TreeAsync(size, (3, one), (size - 4, two))]);
}

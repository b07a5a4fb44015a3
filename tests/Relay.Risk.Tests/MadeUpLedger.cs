using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Risk.Observations;
using Relay.Risk.Results;
using Relay.Testing.Ledger;

namespace Relay.Risk.Tests;

/// <summary>Entries as a relay would log them, one after another; nobody has made the mediators' signatures.</summary>
internal sealed class MadeUpLedger
{
    public const string Name = "doha-2026";

    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_780_000_000);

    private readonly Dictionary<(string, Lane), EnvelopeHead> _last = [];

    public MadeUpLedger(long from = 0) =>
        Observations = new LedgerObservations(from, policy => policy == Document.PolicyDigest ? Document : null);

    /// <summary>Qatar weighs 2 of 4, Oman and the Swiss 1 each.</summary>
    public static NegotiationDocument Document { get; } = NegotiationDocument.Parse(Encoding.UTF8.GetBytes(
        $$"""
        { "negotiation": "{{Name}}",
          "delegations": { "us": { "topic": "delegation-us" }, "iran": { "topic": "delegation-iran" }, "oslo": { "topic": "delegation-oslo" } },
          "mediators": { "qatar": { "key": "https://kv.vault.azure.net/keys/mediator-qatar", "weight": 2 },
                         "oman":  { "key": "https://kv.vault.azure.net/keys/mediator-oman",  "weight": 1 },
                         "swiss": { "key": "https://kv.vault.azure.net/keys/mediator-swiss", "weight": 1 } },
          "quorum": 3, "version": 7 }
        """));

    public LedgerObservations Observations { get; }

    /// <summary>An envelope accepted some seconds after the start, and due some before that.</summary>
    public EnvelopeHead Send(
        string sender,
        double at,
        string[] audience,
        string[]? mediators = null,
        double delay = 0,
        Lane lane = Lane.Normal,
        byte content = 0)
    {
        var head = Head(sender, at - delay, audience, lane, content);
        _last[(sender, lane)] = head;
        Add(MadeUp.Entry(head, Document.PolicyDigest, Start.AddSeconds(at), mediators ?? ["oman", "qatar"]));
        return head;
    }

    /// <summary>A second head under the id of one that is logged, as the relay logs it.</summary>
    public void Equivocate(EnvelopeHead first, double at, string[] signedFirst, string[] signedSecond)
    {
        var second = Make(first.Id, at, [.. first.Audience], first.Previous, content: 99);
        Add(new EvidenceEntry
        {
            Shows = EvidenceKind.Equivocation,
            Heads = [Judged(first, signedFirst), Judged(second, signedSecond)],
            At = Start.AddSeconds(at),
        });
    }

    public async Task AnswerAsync(EnvelopeHead envelope, string delegation, double at, string? reason = null)
    {
        using var key = PrivateJwk.Generate(JwkKind.P256, $"{delegation}#1");
        using var signer = new LocalSigner(key);
        var said = await Acknowledgement.SignAsync(
            new AcknowledgementDraft { Id = envelope.Id, Digest = envelope.Digest, Reason = reason, IssuedAt = Start.AddSeconds(at) },
            signer,
            TestContext.Current.CancellationToken);
        Add(new AcknowledgementEntry { Policy = Document.PolicyDigest, Acknowledgement = said, At = Start.AddSeconds(at) });
    }

    public void Add(LedgerEntry entry) => Assert.True(Observations.TryAdd(entry.ToBytes(), out var error), error);

    public NegotiationSignals Compute(double until, double length = 3_600) => SignalCalculator.Compute(
        Name,
        new LedgerStretch(Observations.From, Observations.Next, Digest.Of("root"u8)),
        Observations,
        SignalWindow.Ending(Start.AddSeconds(until), TimeSpan.FromSeconds(length)));

    private EnvelopeHead Head(string sender, double at, string[] audience, Lane lane, byte content)
    {
        var last = _last.GetValueOrDefault((sender, lane));
        return Make(new EnvelopeId(Name, sender, lane, (last?.Id.Sequence ?? 0) + 1), at, audience, last?.Digest, content);
    }

    private static EnvelopeHead Make(EnvelopeId id, double at, string[] audience, Digest? previous, byte content) =>
        SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = id,
            Audience = audience,
            Previous = previous,
            IssuedAt = Start.AddSeconds(at),
            ExpiresAt = Start.AddSeconds(at).AddDays(1),
            Content = new byte[] { content, 1, 2, 3 },
        }).Head;

    private static JudgedHead Judged(EnvelopeHead head, string[] mediators) => new(Document.PolicyDigest, MadeUp.Sign(head, mediators));
}

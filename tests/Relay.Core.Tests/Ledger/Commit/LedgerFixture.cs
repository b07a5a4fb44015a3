using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Checker;
using Relay.Core.Admission;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>Real ledgers over a store in memory; more workers on the same store with <see cref="AddWorker"/>.</summary>
internal sealed class LedgerFixture : IAsyncDisposable
{
    public const string RelayName = "relay.example";

    private readonly List<NegotiationLedgers> _workers = [];
    private readonly List<CheckpointKeys> _keys = [];
    private readonly CheckpointKeyRing _ring;
    private readonly ReceiptVerifier _receipts;

    private readonly bool _ownsCertifier;

    public LedgerFixture(ILedgerStore? over = null, LocalCertifier? certifier = null)
    {
        _ownsCertifier = certifier is null;
        Certifier = certifier ?? new LocalCertifier();
        Store = over as MemoryLedgerStore ?? new MemoryLedgerStore();
        Faults = new FaultStore(over ?? Store, Time);
        _ring = new CheckpointKeyRing(Certifier);
        _receipts = new ReceiptVerifier(
            $"{RelayName}/{TestNegotiation.Name}", key => key.Text == Certifier.KeyId ? Certifier.PublicKey : null);
        Ledgers = AddWorker();
    }

    public ManualTimeProvider Time { get; } = new();

    public MemoryLedgerStore Store { get; }

    public FaultStore Faults { get; }

    public LocalCertifier Certifier { get; }

    public RecordingReleases Releases { get; } = new();

    public RecordingSignals Signals { get; } = new();

    public NegotiationLedgers Ledgers { get; }

    // Marks have commits of their own at once, and ledgers are at rest, unless told: the clock stands still.
    public LedgerOptions Options { get; } = new()
    {
        RelayName = RelayName,
        MarkDelay = TimeSpan.Zero,
        RestsAfter = TimeSpan.Zero,
    };

    public NegotiationDocument Document { get; set; } = TestNegotiation.ParsedDocument();

    // Made once: what a ledger's entries say is signed, so that whoever reads them may verify it.
    private static readonly Dictionary<string, PrivateJwk> MediatorKeys = new[] { "qatar", "oman" }.Select(TestNegotiation.KeyId)
        .ToDictionary(id => id, id => PrivateJwk.Generate(JwkKind.P256, id));

    private static readonly LocalSigner[] Mediators = [.. MediatorKeys.Values.Select(key => new LocalSigner(key))];

    /// <summary>A mediator's public key of an identifier, as a checker asks for it.</summary>
    public static ValueTask<DatedKey?> FindMediatorAsync(string id, CancellationToken cancellationToken) =>
        new(FindMediator(id) is { } key ? new DatedKey(key, null, null, null) : null);

    /// <summary>A mediator's public key of an identifier; null when nobody's.</summary>
    public static PublicJwk? FindMediator(string id) => MediatorKeys.GetValueOrDefault(id)?.Public;

    public NegotiationLedgers AddWorker(
        ServiceClock? clock = null, Action<string, LedgerState>? moved = null, TimeProvider? time = null, double chance = 0)
    {
        time ??= Time;
        var keys = new CheckpointKeys(Certifier, RelayName, TimeSpan.FromSeconds(10), time, NullLogger<CheckpointKeys>.Instance);
        var options = Microsoft.Extensions.Options.Options.Create(Options);
        var worker = new NegotiationLedgers(
            Faults,
            keys,
            _ring,
            Releases,
            Signals,
            options,
            time,
            TaskScheduler.Default,
            () => chance,
            NullLogger<NegotiationLedgers>.Instance,
            clock,
            moved);
        lock (_workers)
        {
            _keys.Add(keys);
            _workers.Add(worker);
        }

        return worker;
    }

    public AdmittedEnvelope Make(
        long sequence,
        Digest? previous,
        string sender = "us",
        string content = "",
        TimeSpan? life = null,
        SeenCheckpoint? seen = null,
        string negotiation = TestNegotiation.Name,
        Lane lane = Lane.Normal)
    {
        var now = Time.GetUtcNow();
        var made = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = new EnvelopeId(negotiation, sender, lane, sequence),
            Audience = [sender == "us" ? "iran" : "us"],
            Previous = sequence == 1 ? null : previous ?? Digest.Of("no such"u8),
            IssuedAt = now,
            ExpiresAt = now + (life ?? TimeSpan.FromHours(1)),
            Seen = seen,
            Content = System.Text.Encoding.UTF8.GetBytes($$"""{"ciphertext":"{{content}}"}"""),
        });
        var builder = new EnvelopeBuilder(made);
        foreach (var mediator in Mediators)
        {
            var signing = builder.SignAsync(mediator, CancellationToken.None);
            Assert.True(signing.IsCompletedSuccessfully, "A local key signs at once.");
        }

        var wire = builder.ToWire();
        Assert.True(Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        var quorum = Document.Quorum.Evaluate(
            new SignatureFinding("q", "qatar", SignatureOutcome.Valid), new SignatureFinding("o", "oman", SignatureOutcome.Valid));
        return new AdmittedEnvelope(envelope, Document, quorum);
    }

    /// <summary>What only a relay that lies admits: this envelope's head with other signatures, quorum or not.</summary>
    public AdmittedEnvelope Lie(AdmittedEnvelope envelope, Func<EnvelopeHead, SignedHead> sign)
    {
        ArgumentNullException.ThrowIfNull(sign);
        var wire = JsonNode.Parse(sign(envelope.Envelope.Head).ToWire())!;
        wire["content"] = StrictBase64Url.Encode(envelope.Envelope.Sealed.Content.Span);
        Assert.True(
            Envelope.TryParse(
                System.Text.Encoding.UTF8.GetBytes(wire.ToJsonString()), EnvelopeLimits.Default, out var lie, out _, out var detail),
            detail);
        var findings = lie.Signatures.Select(
            signature => new SignatureFinding(signature.Key.Text, signature.Key.Name["mediator-".Length..], SignatureOutcome.Valid));
        return new AdmittedEnvelope(lie, Document, Document.Quorum.Evaluate([.. findings]));
    }

    /// <summary>The same envelopes, each mediator's signatures under one.</summary>
    public async Task<AdmittedEnvelope[]> BatchedAsync(params IReadOnlyList<AdmittedEnvelope> envelopes)
    {
        IReadOnlyList<EnvelopeHead> heads = [.. envelopes.Select(envelope => envelope.Envelope.Head)];
        var signed = new List<IReadOnlyList<SignedHead>>();
        foreach (var mediator in Mediators) signed.Add(await HeadBatch.SignAsync(heads, mediator, TestContext.Current.CancellationToken));
        return [.. envelopes.Select((envelope, i) =>
            Lie(envelope, _ => signed.Select(one => one[i]).Aggregate((one, more) => one.Join(more))))];
    }

    public AdmittedEnvelope[] Chain(int count, string sender = "us")
    {
        var chain = new AdmittedEnvelope[count];
        for (var i = 0; i < count; i++)
        {
            chain[i] = Make(i + 1, i == 0 ? null : chain[i - 1].Envelope.Digest, sender);
        }

        return chain;
    }

    public Task<CommitOutcome> CommitAsync(AdmittedEnvelope envelope, NegotiationLedgers? worker = null) =>
        (worker ?? Ledgers).CommitAsync(envelope, TestContext.Current.CancellationToken).AsTask();

    /// <summary>Has what a delegation says of an envelope committed, under the document as it is.</summary>
    public Task<AcknowledgementOutcome> AcknowledgeAsync(Acknowledgement said, NegotiationLedgers? worker = null) =>
        (worker ?? Ledgers).AcknowledgeAsync(
            AcknowledgementCandidate.Of(said, Document), TestContext.Current.CancellationToken).AsTask();

    /// <summary>The receipt proves the same of an acknowledgement.</summary>
    public AcknowledgementReceipt Check(Acknowledgement said, AcknowledgementOutcome outcome)
    {
        Assert.True(AcknowledgementReceipt.TryParse(outcome.Receipt, out var receipt, out _, out var error), error);
        var fault = _receipts.Check(receipt, Time.GetUtcNow(), out var detail);
        Assert.True(fault == ReceiptFault.None, $"{fault}: {detail}");
        Assert.True(receipt.Entry.Acknowledgement.SaysTheSame(said));
        return receipt;
    }

    /// <summary>Has a bundle in force, under the document as it is.</summary>
    public Task<PrekeyOutcome> PublishAsync(PrekeyBundle bundle, NegotiationLedgers? worker = null) =>
        (worker ?? Ledgers).TakeAsync(BundleCandidate.Of(bundle, Document), TestContext.Current.CancellationToken).AsTask();

    /// <summary>Has keys handed out, under the document as it is.</summary>
    public Task<PrekeyOutcome> ClaimAsync(PrekeyClaim claim, NegotiationLedgers? worker = null, int claimers = 1) =>
        (worker ?? Ledgers).TakeAsync(
            ClaimCandidate.Of(claim, Document) with { Claimers = claimers }, TestContext.Current.CancellationToken).AsTask();

    /// <summary>
    /// What the receipts of a claim prove to somebody who knows the vault key alone: each envelope's key, 0 for the session's.
    /// </summary>
    public Dictionary<EnvelopeId, (PrekeyBundle Bundle, long Key)> Check(PrekeyClaim claim, PrekeyOutcome outcome)
    {
        Assert.True(outcome.IsEntry, $"{outcome.Verdict}: {outcome.Detail}");
        var wire = ClaimAnswer.Write(outcome.Receipts, outcome.Bundles);
        Assert.True(ClaimAnswer.TryParse(wire, out var answer, out var error), error);
        var keys = new Dictionary<EnvelopeId, (PrekeyBundle, long)>();
        foreach (var receipt in answer.Receipts)
        {
            var fault = _receipts.Check(receipt, Time.GetUtcNow(), out var detail);
            Assert.True(fault == ReceiptFault.None, $"{fault}: {detail}");
            var bundle = Assert.Single(answer.Bundles, bundle => bundle.Digest == receipt.Entry.Bundle);
            Assert.Equal((receipt.Entry.Number, claim.Target), (bundle.Number, bundle.Delegation));
        }

        foreach (var id in claim.Envelopes)
        {
            var key = answer.KeyOf(id);
            Assert.NotNull(key);
            Assert.InRange(answer.Receipts.Select(one => one.Entry.KeyOf(id)).Distinct().Count(one => one > 0), 0, 1);
            keys[id] = (key.Bundle, key.Id);
        }

        return keys;
    }

    /// <summary>The receipt proves, to somebody who knows the vault key alone, that the envelope is at the outcome's index.</summary>
    public Receipt Check(AdmittedEnvelope envelope, CommitOutcome outcome)
    {
        Assert.True(Receipt.TryParse(outcome.Receipt, out var receipt, out _, out var error), error);
        var fault = _receipts.Check(receipt, envelope.Envelope.Head, Time.GetUtcNow(), out var detail);
        Assert.True(fault == ReceiptFault.None, $"{fault}: {detail}");
        Assert.Equal(outcome.Index, receipt.Proof.Index);
        return receipt;
    }

    /// <summary>The head in the store, read without any cache.</summary>
    public LedgerHead Head()
    {
        Assert.True(
            HeadCodec.TryRead(Store.Find(LedgerPaths.Head(TestNegotiation.Name))!.Content, out var head, out _, out var error), error);
        return head;
    }

    /// <summary>Advances the manual clock until told to stop, so that pauses between attempts end.</summary>
    public Func<Task> PumpClock()
    {
        var stop = new CancellationTokenSource();
        var run = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                Time.Advance(TimeSpan.FromMilliseconds(5));
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
            }
        });
        return async () =>
        {
            await stop.CancelAsync();
            await run;
            stop.Dispose();
        };
    }

    /// <summary>Waits for what comes by itself.</summary>
    public static async Task WaitAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, "The condition never came.");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ends a worker and keeps nothing of it, for runs in which thousands come and go.</summary>
    public async Task ForgetAsync(NegotiationLedgers worker)
    {
        lock (_workers) _workers.Remove(worker);
        await worker.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // A mark that is under way may pause before its next attempt: with a clock that stands still it would never end.
        var stop = PumpClock();
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        foreach (var keys in _keys)
        {
            await keys.DisposeAsync();
        }

        await stop();
        _receipts.Dispose();
        _ring.Dispose();
        if (_ownsCertifier) Certifier.Dispose();
    }
}

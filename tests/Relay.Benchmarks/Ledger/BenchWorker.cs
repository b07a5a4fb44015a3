using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Relay.Core.Admission;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Text;

namespace Relay.Benchmarks.Ledger;

/// <summary>
/// One worker's ledgers over a store, and one sender whose envelopes it
/// commits. The envelopes are admitted by decree: only the commit is measured.
/// </summary>
internal sealed class BenchWorker : IAsyncDisposable, IReleaseForwarding, ILedgerSignals
{
    private readonly NegotiationDocument _document;
    private readonly QuorumResult _quorum;
    private readonly string _sender;
    private readonly TimeProvider _time;
    private readonly CheckpointKeys _keys;
    private readonly CheckpointKeyRing _ring;
    private readonly NegotiationLedgers _ledgers;
    private Digest? _previous;
    private long _sequence;

    public BenchWorker(ILedgerStore store, BenchVault vault, string sender, TimeProvider time)
    {
        _sender = sender;
        _time = time;
        _document = Read();
        _quorum = _document.Quorum.Evaluate(new SignatureFinding("m", "m", SignatureOutcome.Valid));
        _keys = new CheckpointKeys(vault, "bench", TimeSpan.FromSeconds(10), time, NullLogger<CheckpointKeys>.Instance);
        _ring = new CheckpointKeyRing(vault);
        var options = Options.Create(new LedgerOptions { RelayName = "bench", MaxAttempts = 100 });
        _ledgers = new NegotiationLedgers(
            store,
            _keys,
            _ring,
            this,
            this,
            options,
            time,
            TaskScheduler.Default,
            Random.Shared.NextDouble,
            NullLogger<NegotiationLedgers>.Instance);
    }

    /// <summary>The sender's next envelope, some 2 KB on the wire.</summary>
    public AdmittedEnvelope Next()
    {
        var now = _time.GetUtcNow();
        var made = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = new EnvelopeId(BenchNegotiation.Name, _sender, Lane.Normal, ++_sequence),
            Audience = ["addressee"],
            Previous = _previous,
            IssuedAt = now,
            ExpiresAt = now + TimeSpan.FromHours(1),
            Content = System.Text.Encoding.ASCII.GetBytes($$"""{"ciphertext":"{{new string('A', 1_000)}}"}"""),
        });
        _previous = made.Digest;
        var header =
            """{"alg":"ES256","kid":"https://bench.vault.azure.net/keys/m/00000000000000000000000000000000","typ":"relay-envelope"}"""u8;
        var wire = System.Text.Encoding.ASCII.GetBytes(
            $$"""{"payload":"{{StrictBase64Url.Encode(made.Head.Bytes.Span)}}","signatures":[{"protected":"{{StrictBase64Url.Encode(header)}}","signature":"AAAA"}],"content":"{{StrictBase64Url.Encode(made.Content.Span)}}"}""");
        if (!Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail))
        {
            throw new InvalidOperationException(detail);
        }
        return new AdmittedEnvelope(envelope, _document, _quorum);
    }

    /// <summary>Commits one envelope as the pipeline does: to the ledger, and that it is forwarded.</summary>
    /// <returns>From the call to its receipt.</returns>
    public async Task<TimeSpan> RelayAsync(AdmittedEnvelope envelope, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var outcome = await _ledgers.CommitAsync(envelope, cancellationToken);
        var latency = _time.GetElapsedTime(started);
        if (!outcome.IsLogged)
        {
            throw new InvalidOperationException(
                $"expected the envelope to be logged, got {outcome.Ruling?.Reason}: {outcome.Ruling?.Description}");
        }
        _ledgers.MarkForwarded(BenchNegotiation.Name, outcome.Index);
        return latency;
    }

    /// <summary>Commits one envelope to the ledger, and leaves its mark for a later commit.</summary>
    public async Task CommitAsync(AdmittedEnvelope envelope, CancellationToken cancellationToken)
    {
        var outcome = await _ledgers.CommitAsync(envelope, cancellationToken);
        if (!outcome.IsLogged)
        {
            throw new InvalidOperationException(
                $"expected the envelope to be logged, got {outcome.Ruling?.Reason}: {outcome.Ruling?.Description}");
        }
        _ledgers.MarkForwarded(BenchNegotiation.Name, outcome.Index);
    }

    public ValueTask<string?> ForwardAsync(LoggedEnvelope envelope, CancellationToken cancellationToken) => new((string?)null);

    public ValueTask<bool> SendAsync(LedgerSignal signal, CancellationToken cancellationToken) => new(true);

    public async ValueTask DisposeAsync()
    {
        await _ledgers.DisposeAsync();
        _ring.Dispose();
        await _keys.DisposeAsync();
    }

    private static NegotiationDocument Read()
    {
        var delegations = string.Join(",", Enumerable.Range(0, 8).Select(i => $"\"d{i}\":{{\"topic\":\"delegation-d{i}\"}}"));
        var text = $$$"""
            {"negotiation":"{{{BenchNegotiation.Name}}}","delegations":{ {{{delegations}}},"addressee":{"topic":"delegation-addressee"} },
             "mediators":{"m":{"key":"https://bench.vault.azure.net/keys/m","weight":1}},"quorum":1,"mode":"open","version":1}
            """;
        return NegotiationDocument.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var document, out var errors)
            ? document
            : throw new InvalidOperationException(string.Join("; ", errors));
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>
/// A negotiation's ledger over the relay's HTTP API. The client it is given carries what
/// names the caller: a client certificate, or an access token. Safe for concurrent use.
/// </summary>
public sealed class HttpLedgerLog : ILedgerLog
{
    private const string CheckpointKeyHeader = "Relay-Checkpoint-Key";

    // A bundle of 256 entries of the longest kind; nothing the log answers is longer.
    private const int MaxAnswerBytes = TileId.FullWidth * (LedgerEntry.MaxBytes + 2);

    // A whole answer: the largest, half a megabyte to two, over a slow line.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly RelayExchange _exchange;
    private readonly string _negotiation;

    /// <param name="client">Its <see cref="HttpClient.BaseAddress"/> is the relay's, ending in a slash; the caller disposes it.</param>
    /// <param name="negotiation">Name of the negotiation.</param>
    /// <param name="time">The clock.</param>
    public HttpLedgerLog(HttpClient client, string negotiation, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(time);
        if (client.BaseAddress is null) throw new ArgumentException("Expected a client with the relay's base address.", nameof(client));
        if (!RelayName.IsValid(negotiation))
        {
            throw new ArgumentException($"Expected a negotiation's name, got '{negotiation}'.", nameof(negotiation));
        }
        _exchange = new RelayExchange(client, Deadline, time);
        _negotiation = negotiation;
    }

    /// <inheritdoc/>
    public async ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken)
    {
        if (await GetAsync($"api/negotiations/{_negotiation}/checkpoint", cancellationToken).ConfigureAwait(false) is not var (body, key))
        {
            return null;
        }
        if (key is null)
        {
            throw new LedgerLogException($"expected the certificate of the checkpoint's key in header {CheckpointKeyHeader}, got none");
        }
        return SignedCheckpoint.TryParse(body, Encoding.UTF8.GetBytes(key), out var signed, out var error)
            ? signed
            : throw new LedgerLogException(error);
    }

    /// <inheritdoc/>
    public async ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"api/negotiations/{_negotiation}/consistency?from={from}&to={to}");
        if (await GetAsync(path, cancellationToken).ConfigureAwait(false) is not var (body, _)) return null;
        const string Expected = "expected a consistency proof, {\"from\",\"to\",\"hashes\"}, got something else";
        try
        {
            var hashes = JsonSerializer.Deserialize<Consistency>(body.Span, JsonSerializerOptions.Web)?.Hashes
                ?? throw new LedgerLogException(Expected);
            if (hashes.Count > MerkleProof.MaxHashes) throw new LedgerLogException(Expected);
            return [.. hashes.Select(hash => new Digest(Convert.FromBase64String(hash)))];
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            throw new LedgerLogException(Expected, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> FindReceiptAsync(EnvelopeId id, CancellationToken cancellationToken) =>
        await GetAsync($"api/envelopes/{id}/receipt", cancellationToken).ConfigureAwait(false) is var (body, _)
            ? body
            : (ReadOnlyMemory<byte>?)null;

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken) =>
        await GetAsync($"api/negotiations/{_negotiation}/{tile.Path}", cancellationToken).ConfigureAwait(false) is var (body, _)
            ? body
            : (ReadOnlyMemory<byte>?)null;

    /// <summary>The negotiation document that entries of this digest were judged by, as the relay has kept it.</summary>
    /// <returns>Null when it has none, or another: what it answers hashes to the digest.</returns>
    /// <exception cref="LedgerLogException">As for the others, or what came is no document.</exception>
    public async ValueTask<NegotiationDocument?> FindPolicyAsync(Digest policy, CancellationToken cancellationToken)
    {
        var path = $"api/negotiations/{_negotiation}/policies/{policy}";
        if (await GetAsync(path, cancellationToken).ConfigureAwait(false) is not var (body, _) || Digest.Of(body.Span) != policy)
        {
            return null;
        }
        return NegotiationDocument.TryParse(body.Span, out var document, out var errors)
            ? document
            : throw new LedgerLogException($"expected a negotiation document of digest {policy}: {string.Join(' ', errors)}");
    }

    /// <summary>The negotiation's risk signals, by the relay's word: a CloudEvent, JSON.</summary>
    /// <param name="window">What they are of, up to now: a minute to 30 days, whole seconds.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null while nothing has been logged.</returns>
    /// <exception cref="LedgerLogException">As for the others.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> FindSignalsAsync(TimeSpan window, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"api/negotiations/{_negotiation}/signals?window={window.TotalSeconds:0}");
        return await GetAsync(path, cancellationToken).ConfigureAwait(false) is var (body, _) ? body : (ReadOnlyMemory<byte>?)null;
    }

    /// <summary>Where an envelope is, by the relay's word.</summary>
    /// <exception cref="LedgerLogException">The log refused the caller.</exception>
    public async ValueTask<EnvelopeWhereabouts> FindWhereaboutsAsync(EnvelopeId id, CancellationToken cancellationToken)
    {
        RelayAnswer answer;
        try
        {
            answer = await AskAsync($"api/envelopes/{id}", cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerLogException e) when (e.IsNotNow)
        {
            return default;
        }
        if (answer.Status == HttpStatusCode.NotFound) return new EnvelopeWhereabouts(EnvelopePlace.Absent, null);
        try
        {
            var status = JsonSerializer.Deserialize<Status>(Whole(answer).Span, JsonSerializerOptions.Web);
            return status?.Text switch
            {
                "pending" => new EnvelopeWhereabouts(EnvelopePlace.Pending, null) { Waits = Read(status.Quorum) },
                "held" => new EnvelopeWhereabouts(EnvelopePlace.Held, null),
                "logged" => new EnvelopeWhereabouts(EnvelopePlace.Logged, Digest.TryParse(status.Digest, out var digest) ? digest : null)
                {
                    Index = status.Index,
                    At = status.At,
                    Answers = [.. (status.Acknowledgements ?? []).Take(EnvelopeLimits.MaxAddressees).Select(Read).OfType<EnvelopeAnswer>()],
                },
                _ => default,
            };
        }
        catch (JsonException e)
        {
            throw new LedgerLogException("expected an envelope's status, {\"id\",\"status\"}, got something else", e);
        }
    }

    // Names alone: whatever else stands there is not for anybody's eyes.
    private static MissingSignatures? Read(Signatures? quorum) => quorum is null
        ? null
        : new MissingSignatures(
            quorum.Weight,
            quorum.Required,
            [.. (quorum.Missing ?? []).OfType<string>().Where(name => RelayName.IsValid(name)).Take(QuorumRule.MaxMediators)],
            quorum.Until);

    // Null: not there.
    private async ValueTask<(ReadOnlyMemory<byte> Body, string? Key)?> GetAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(path, cancellationToken).ConfigureAwait(false);
        if (answer.Status == HttpStatusCode.NotFound) return null;
        return (Whole(answer), answer.Headers.TryGetValues(CheckpointKeyHeader, out var values) ? values.First() : null);
    }

    // 200 or 404; everything else is no answer of a log.
    private async ValueTask<RelayAnswer> AskAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        try
        {
            var answer = await _exchange.SendAsync(request, MaxAnswerBytes, cancellationToken).ConfigureAwait(false);
            return answer.Status switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
                    throw new LedgerLogException(
                        $"expected to be let in, the relay answered {(int)answer.Status}: its directory document has to name this caller"),
                HttpStatusCode.InternalServerError =>
                    throw new LedgerLogException("expected a ledger that verifies, the relay says that what it stores does not (500)"),
                HttpStatusCode.OK or HttpStatusCode.NotFound => answer,
                _ => throw new LedgerLogException($"expected an answer from the relay's log, it said {(int)answer.Status}: not now")
                {
                    IsNotNow = true,
                },
            };
        }
        catch (HttpRequestException e)
        {
            throw new LedgerLogException($"expected an answer from the relay's log, none came: {e.Message}", e) { IsNotNow = true };
        }
    }

    private static ReadOnlyMemory<byte> Whole(RelayAnswer answer) =>
        answer.Body ?? throw new LedgerLogException($"expected at most {MaxAnswerBytes} bytes, got more");

    // Null for what is no acknowledgement: the relay's word is no worse without it.
    private static EnvelopeAnswer? Read(Said said) =>
        Acknowledgement.TryParse(Encoding.UTF8.GetBytes(said.Jws ?? ""), out var acknowledgement, out _, out _)
            ? new EnvelopeAnswer(said.Index, said.At, acknowledgement)
            : null;

    private sealed record Status(
        [property: JsonPropertyName("status")] string? Text,
        string? Digest,
        long? Index,
        DateTimeOffset? At,
        IReadOnlyList<Said>? Acknowledgements,
        Signatures? Quorum);

    private sealed record Signatures(int Weight, int Required, IReadOnlyList<string?>? Missing, DateTimeOffset Until);

    private sealed record Said(long Index, DateTimeOffset At, string? Jws);

    private sealed record Consistency(long From, long To, IReadOnlyList<string> Hashes);
}

using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Relay.Protocol.Encoding;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Client.Ledger;

/// <summary>A negotiation's ledger over the relay's HTTP API. The client it is given carries what names the caller: a client certificate, or an access token. Safe for concurrent use.</summary>
public sealed class HttpLedgerLog : ILedgerLog
{
    private const string CheckpointKeyHeader = "Relay-Checkpoint-Key";

    // A bundle of 256 entries of the longest kind; nothing the log answers is longer.
    private const int MaxAnswerBytes = TileId.FullWidth * (LedgerEntry.MaxBytes + 2);

    private readonly HttpClient _client;
    private readonly string _negotiation;

    /// <param name="client">Its <see cref="HttpClient.BaseAddress"/> is the relay's, ending in a slash; the caller disposes it.</param>
    /// <param name="negotiation">Name of the negotiation.</param>
    public HttpLedgerLog(HttpClient client, string negotiation)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (client.BaseAddress is null) throw new ArgumentException("Expected a client with the relay's base address.", nameof(client));
        if (!RelayName.IsValid(negotiation)) throw new ArgumentException($"Expected a negotiation's name, got '{negotiation}'.", nameof(negotiation));
        _client = client;
        _negotiation = negotiation;
    }

    /// <inheritdoc/>
    public async ValueTask<SignedCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken)
    {
        if (await GetAsync($"api/negotiations/{_negotiation}/checkpoint", cancellationToken).ConfigureAwait(false) is not var (body, key)) return null;
        if (key is null) throw new LedgerLogException($"expected the certificate of the checkpoint's key in header {CheckpointKeyHeader}, got none");
        return SignedCheckpoint.TryParse(body, Encoding.UTF8.GetBytes(key), out var signed, out var error) ? signed : throw new LedgerLogException(error);
    }

    /// <inheritdoc/>
    public async ValueTask<ImmutableArray<Digest>?> FindConsistencyAsync(long from, long to, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"api/negotiations/{_negotiation}/consistency?from={from}&to={to}");
        if (await GetAsync(path, cancellationToken).ConfigureAwait(false) is not var (body, _)) return null;
        const string Expected = "expected a consistency proof, {\"from\",\"to\",\"hashes\"}, got something else";
        try
        {
            var hashes = JsonSerializer.Deserialize<Consistency>(body.Span, JsonSerializerOptions.Web)?.Hashes ?? throw new LedgerLogException(Expected);
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
        await GetAsync($"api/envelopes/{id}/receipt", cancellationToken).ConfigureAwait(false) is var (body, _) ? body : (ReadOnlyMemory<byte>?)null;

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> FindTileAsync(TileId tile, CancellationToken cancellationToken) =>
        await GetAsync($"api/negotiations/{_negotiation}/{tile.Path}", cancellationToken).ConfigureAwait(false) is var (body, _) ? body : (ReadOnlyMemory<byte>?)null;

    // Null: not there, or not now.
    private async ValueTask<(ReadOnlyMemory<byte> Body, string? Key)?> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    var key = response.Headers.TryGetValues(CheckpointKeyHeader, out var values) ? values.First() : null;
                    return (await ReadAsync(response.Content, cancellationToken).ConfigureAwait(false), key);
                case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                    throw new LedgerLogException($"expected to be let in, the relay answered {(int)response.StatusCode}: its directory document has to name this caller");
                case HttpStatusCode.InternalServerError:
                    throw new LedgerLogException("expected a ledger that verifies, the relay says that what it stores does not (500)");
                default:
                    return null;
            }
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        while (await stream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            if (buffer.Length + read > MaxAnswerBytes) throw new LedgerLogException($"expected at most {MaxAnswerBytes} bytes, got more");
            buffer.Write(chunk, 0, read);
        }
        return buffer.ToArray();
    }

    private sealed record Consistency(long From, long To, IReadOnlyList<string> Hashes);
}

using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Core.Ledger.Reading;
using Relay.Functions.Http;
using Relay.Functions.Reading;
using Relay.Protocol.Ledger;

namespace Relay.Functions;

/// <summary>A negotiation's ledger in the layout of C2SP tlog-tiles, below <c>/api/negotiations/{negotiation}/</c>, and consistency proofs.</summary>
public sealed class ReadLedger(LedgerEndpoint endpoint, LedgerReader ledger)
{
    private const string NoteType = "text/plain; charset=utf-8";
    private const string TileType = "application/octet-stream";

    [Function("ReadCheckpoint")]
    public Task<IActionResult> CheckpointAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "negotiations/{negotiation}/checkpoint")] HttpRequest request, string negotiation, CancellationToken cancellationToken) =>
        endpoint.AnswerAsync(
            request,
            negotiation,
            async token =>
            {
                var read = await ledger.CheckpointAsync(negotiation, token);
                if (!read.IsFound) return endpoint.Failed(read.Failure, "checkpoint", negotiation, null);
                return new BytesAnswer(StatusCodes.Status200OK, read.Value.Note.Bytes, NoteType, BytesAnswer.Changing) { CheckpointKey = System.Text.Encoding.ASCII.GetString(read.Value.Certificate.Bytes) };
            },
            cancellationToken);

    [Function("ReadCertificate")]
    public Task<IActionResult> CertificateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "negotiations/{negotiation}/certificate/{keyId}")] HttpRequest request,
        string negotiation,
        string keyId,
        CancellationToken cancellationToken) =>
        endpoint.AnswerAsync(
            request,
            negotiation,
            async token =>
            {
                if (keyId.Length != 8 || !uint.TryParse(keyId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id) || keyId != id.ToString("x8", CultureInfo.InvariantCulture))
                {
                    return Problems.Create(404, "certificate-not-found", "NotFound", "expected a key id of 8 lower-case hexadecimal digits, got something else", null);
                }

                var read = await ledger.CertificateAsync(negotiation, id, token);
                return read.IsFound
                    ? new BytesAnswer(StatusCodes.Status200OK, read.Value.Bytes.ToArray(), "application/jose", BytesAnswer.Immutable)
                    : endpoint.Failed(read.Failure, "certificate", negotiation, null);
            },
            cancellationToken);

    [Function("ReadTile")]
    public Task<IActionResult> TileAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "negotiations/{negotiation}/tile/{*path}")] HttpRequest request, string negotiation, string path, CancellationToken cancellationToken) =>
        endpoint.AnswerAsync(
            request,
            negotiation,
            async token =>
            {
                if (!TileId.TryParse($"tile/{path}", out var tile)) return Problems.Create(404, "tile-not-found", "NotFound", "expected the path of a tile (C2SP tlog-tiles), got something else", null);
                var read = await ledger.TileAsync(negotiation, tile, token);
                return read.IsFound ? new BytesAnswer(StatusCodes.Status200OK, read.Value.Content, TileType, BytesAnswer.Immutable) : endpoint.Failed(read.Failure, "tile", negotiation, null);
            },
            cancellationToken);

    [Function("ReadConsistency")]
    public Task<IActionResult> ConsistencyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "negotiations/{negotiation}/consistency")] HttpRequest request, string negotiation, CancellationToken cancellationToken) =>
        endpoint.AnswerAsync(
            request,
            negotiation,
            async token =>
            {
                if (!TrySize(request, "from", out var from) || !TrySize(request, "to", out var to) || from > to)
                {
                    return Problems.Create(400, "bad-sizes", "BadSizes", $"expected from and to with 0 <= from <= to <= {MerkleHash.MaxSize}, got something else", null);
                }

                var read = await ledger.ConsistencyAsync(negotiation, from, to, token);
                return read.IsFound
                    ? new JsonAnswer(StatusCodes.Status200OK, new ConsistencyProof(from, to, [.. read.Value.Select(hash => Convert.ToBase64String(hash.ToArray()))]))
                    : endpoint.Failed(read.Failure, "consistency", negotiation, null);
            },
            cancellationToken);

    private static bool TrySize(HttpRequest request, string name, out long size)
    {
        size = 0;
        return request.Query.TryGetValue(name, out var text) && text.Count == 1 && long.TryParse(text[0], NumberStyles.None, CultureInfo.InvariantCulture, out size) && size <= MerkleHash.MaxSize;
    }

    /// <summary>Body of the answer.</summary>
    /// <param name="From">Smaller size.</param>
    /// <param name="To">Larger size.</param>
    /// <param name="Hashes">The proof (RFC 6962 section 2.1.2), base64.</param>
    public sealed record ConsistencyProof(long From, long To, IReadOnlyList<string> Hashes);
}

using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Relay.Core.Ledger.Reading;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Operations;
using Relay.Functions.Reading;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Functions;

/// <summary>
/// A negotiation's ledger in the layout of C2SP tlog-tiles, below <c>/api/negotiations/{negotiation}/</c>,
/// consistency proofs, and the documents that its entries were judged by.
/// </summary>
public sealed class ReadLedger(LedgerEndpoint endpoint, LedgerReader ledger)
{
    private const string Route = "negotiations/{negotiation}/";
    private const string NoteType = "text/plain; charset=utf-8";
    private const string TileType = "application/octet-stream";

    [Function("ReadCheckpoint")]
    [Operation("GET", CallerKind.Member, "The newest checkpoint.")]
    [Answer(200, NoteType, "C2SP tlog-checkpoint; Relay-Checkpoint-Key has the certificate of its key.")]
    [Problems(404, 503)]
    public async Task<IActionResult> CheckpointAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route + "checkpoint")] HttpRequest request,
        string negotiation,
        CancellationToken cancellationToken)
    {
        var read = await ledger.CheckpointAsync(negotiation, cancellationToken);
        if (!read.IsFound) return endpoint.Failed(read.Failure, "checkpoint", negotiation, null);
        return new BytesAnswer(StatusCodes.Status200OK, read.Value.Note.Bytes, NoteType, BytesAnswer.Changing)
        {
            CheckpointKey = Encoding.ASCII.GetString(read.Value.Certificate.Bytes),
        };
    }

    [Function("ReadCertificate")]
    [Operation("GET", CallerKind.Member, "The certificate of a checkpoint's key.")]
    [Answer(200, "application/jose", "Compact JWS by the relay's vault key.")]
    [Problems(404, 503)]
    public async Task<IActionResult> CertificateAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route + "certificate/{keyId}")] HttpRequest request,
        string negotiation,
        string keyId,
        CancellationToken cancellationToken)
    {
        if (!TryKeyId(keyId, out var id))
        {
            return Problems.Create(
                404, "certificate-not-found", "NotFound", "expected a key id of 8 lower-case hexadecimal digits, got something else", null);
        }

        var read = await ledger.CertificateAsync(negotiation, id, cancellationToken);
        return read.IsFound
            ? new BytesAnswer(StatusCodes.Status200OK, read.Value.Bytes.ToArray(), "application/jose", BytesAnswer.Immutable)
            : endpoint.Failed(read.Failure, "certificate", negotiation, null);
    }

    [Function("ReadTile")]
    [Operation("GET", CallerKind.Member, "A tile or a bundle of entries.")]
    [Answer(200, TileType, "C2SP tlog-tiles.")]
    [Problems(404, 503)]
    public async Task<IActionResult> TileAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route + "tile/{*path}")] HttpRequest request,
        string negotiation,
        string path,
        CancellationToken cancellationToken)
    {
        if (!TileId.TryParse($"tile/{path}", out var tile))
        {
            return Problems.Create(
                404, "tile-not-found", "NotFound", "expected the path of a tile (C2SP tlog-tiles), got something else", null);
        }

        var read = await ledger.TileAsync(negotiation, tile, cancellationToken);
        return read.IsFound
            ? new BytesAnswer(StatusCodes.Status200OK, read.Value.Content, TileType, BytesAnswer.Immutable)
            : endpoint.Failed(read.Failure, "tile", negotiation, null);
    }

    [Function("ReadConsistency")]
    [Operation("GET", CallerKind.Member, "The proof that a tree continues another.")]
    [Query("from", "Smaller size.", 0)]
    [Query("to", "Larger size.", 1)]
    [Answer(200, "application/json", "RFC 6962 section 2.1.2.", Body = typeof(ConsistencyProof))]
    [Problems(400, 404, 503)]
    public async Task<IActionResult> ConsistencyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route + "consistency")] HttpRequest request,
        string negotiation,
        CancellationToken cancellationToken)
    {
        if (!TrySize(request, "from", out var from) || !TrySize(request, "to", out var to) || from > to)
        {
            var detail = $"expected from and to with 0 <= from <= to <= {MerkleHash.MaxSize}, got something else";
            return Problems.Create(400, "bad-sizes", "BadSizes", detail, null);
        }

        var read = await ledger.ConsistencyAsync(negotiation, from, to, cancellationToken);
        if (!read.IsFound) return endpoint.Failed(read.Failure, "consistency", negotiation, null);
        // Two sizes have one proof for good.
        var proof = new ConsistencyProof(from, to, [.. read.Value.Select(hash => Convert.ToBase64String(hash.ToArray()))]);
        return new JsonAnswer(StatusCodes.Status200OK, proof) { CacheControl = BytesAnswer.Immutable };
    }

    [Function("ReadPolicy")]
    [Operation("GET", CallerKind.Member, "The document that entries of this digest were judged by.")]
    [Answer(200, "application/json", "Byte for byte.")]
    [Problems(404, 503)]
    public async Task<IActionResult> PolicyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = Route + "policies/{digest}")] HttpRequest request,
        string negotiation,
        string digest,
        CancellationToken cancellationToken)
    {
        if (!Digest.TryParse(digest, out var policy))
        {
            return Problems.Create(
                404, "policy-not-found", "NotFound", "expected a digest of 43 base64url characters, got something else", null);
        }

        var read = await ledger.PolicyAsync(negotiation, policy, cancellationToken);
        return read.IsFound
            ? new BytesAnswer(StatusCodes.Status200OK, read.Value.Content, "application/json", BytesAnswer.Immutable)
            : endpoint.Failed(read.Failure, "policy", negotiation, null);
    }

    private static bool TryKeyId(string text, out uint id)
    {
        id = 0;
        return text.Length == 8
            && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id)
            && text == id.ToString("x8", CultureInfo.InvariantCulture);
    }

    private static bool TrySize(HttpRequest request, string name, out long size)
    {
        size = 0;
        return request.Query.TryGetValue(name, out var text)
            && text.Count == 1
            && long.TryParse(text[0], NumberStyles.None, CultureInfo.InvariantCulture, out size)
            && size <= MerkleHash.MaxSize;
    }

    /// <summary>Body of the answer.</summary>
    /// <param name="From">Smaller size.</param>
    /// <param name="To">Larger size.</param>
    /// <param name="Hashes">The proof (RFC 6962 section 2.1.2), base64.</param>
    public sealed record ConsistencyProof(long From, long To, IReadOnlyList<string> Hashes);
}

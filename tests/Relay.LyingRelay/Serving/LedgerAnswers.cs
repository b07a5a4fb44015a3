using System.Text;
using System.Text.Json;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Reading;
using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Lies;
using Relay.Protocol.Ledger;

namespace Relay.LyingRelay.Serving;

/// <summary>Answers readers by the relay's own reader, as the function app does, but for the lie.</summary>
internal static class LedgerAnswers
{
    public static async Task<Answer> AnswerAsync(Telling telling, Ask ask)
    {
        using var ring = new CheckpointKeyRing(
            telling.Lie.Certifier?.Invoke(telling, telling.Company.Certifier) ?? telling.Company.Certifier);
        var store = telling.StoreFor(ask.Party);
        var reader = new LedgerReader(store, ring, Company.RelayName, TimeSpan.FromSeconds(10), TimeProvider.System);
        var honest = await HonestAsync(reader, ask);
        return telling.Lie.Serve is { } serve ? await serve(telling, ask, honest) : honest;
    }

    private static async Task<Answer> HonestAsync(LedgerReader reader, Ask ask)
    {
        const string Of = Company.Negotiation;
        switch (ask.Kind)
        {
            case AskKind.Checkpoint:
                return From(
                    await reader.CheckpointAsync(Of, CancellationToken.None),
                    signed => new Answer(200, signed.Note.Bytes.ToArray(), Encoding.ASCII.GetString(signed.Certificate.Bytes)));
            case AskKind.Certificate:
                return From(
                    await reader.CertificateAsync(Of, ask.KeyId, CancellationToken.None),
                    certificate => new Answer(200, certificate.Bytes.ToArray()));
            case AskKind.Tile or AskKind.Bundle:
                return From(await reader.TileAsync(Of, ask.Tile, CancellationToken.None), Bytes);
            case AskKind.Receipt:
                return From(await reader.ReceiptAsync(ask.Id, CancellationToken.None), Bytes);
            case AskKind.Policy:
                return From(await reader.PolicyAsync(Of, ask.Policy, CancellationToken.None), Bytes);
            case AskKind.Consistency:
                return From(
                    await reader.ConsistencyAsync(Of, ask.From, ask.To, CancellationToken.None),
                    hashes => Json(
                        new { from = ask.From, to = ask.To, hashes = hashes.Select(hash => Convert.ToBase64String(hash.ToArray())) }));
            case AskKind.Status:
                return From(await reader.FindAsync(ask.Id, CancellationToken.None), standing => Json(Standing(ask, standing)));
        }

        throw new InvalidOperationException($"Expected a question, got {ask.Kind}.");
    }

    public static Answer Json(object body) => new(200, JsonSerializer.SerializeToUtf8Bytes(body));

    private static object Standing(Ask ask, EnvelopeStanding standing) => standing.Progress switch
    {
        EnvelopeProgress.Logged => new
        {
            id = ask.Id.ToString(),
            status = "logged",
            index = standing.Index,
            digest = standing.Entry!.Digest.ToString(),
        },
        EnvelopeProgress.Publishing => new { id = ask.Id.ToString(), status = "logged" },
        EnvelopeProgress.Held => new { id = ask.Id.ToString(), status = "held" },
    };

    private static Answer Bytes(VerifiedBytes bytes) => new(200, bytes.Content.ToArray());

    private static Answer From<T>(LedgerRead<T> read, Func<T, Answer> found)
        where T : class => read.Status switch
        {
            LedgerReadStatus.Found => found(read.Value!),
            LedgerReadStatus.Absent => Answer.NotThere,
            LedgerReadStatus.Damaged => new Answer(500, []),
            LedgerReadStatus.Unavailable => Answer.NotNow,
        };
}

using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Serving;
using Relay.Protocol.Envelopes;

namespace Relay.LyingRelay.Lies;

/// <summary>What was submitted, and is said not to have come, or to have come.</summary>
internal static class TakingLies
{
    /// <summary>What nobody but the sender can see; the threat table says it in the same words.</summary>
    public const string SilentSender = "a withheld envelope whose sender stays silent";

    private const string Tail = "us/normal/7";

    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.Withheld] = new("takes an envelope and logs nothing of it") { Take = DropTail },
        [LieKind.WithheldAndSaidLogged] = new("takes an envelope, logs nothing of it, and says that it is in the ledger")
        {
            Take = DropTail,
            Serve = static (telling, ask, honest) => SayAsync(telling, ask, honest, "logged"),
        },
        [LieKind.HeldForEver] = new("takes an envelope and says for ever that it is held")
        {
            Take = DropTail,
            Serve = static (telling, ask, honest) => SayAsync(telling, ask, honest, "held"),
        },
        [LieKind.WithheldWhileSenderIsSilent] = new("takes an envelope and logs nothing of it, and its sender never asks")
        {
            Take = DropTail,
            Silent = ["us"],
            Unseen = SilentSender,
        },
    };

    private static Task<Envelope?> DropTail(Telling telling, Envelope envelope) =>
        Task.FromResult(envelope == telling.Said(Tail) ? null : envelope);

    private static Task<Answer> SayAsync(Telling telling, Ask ask, Answer honest, string status)
    {
        var tail = telling.Said(Tail);
        if (ask.Kind != AskKind.Status || ask.Id != tail.Id) return Task.FromResult(honest);
        return Task.FromResult(
            status == "logged"
                ? LedgerAnswers.Json(new { id = ask.Id.ToString(), status, index = 10, digest = tail.Digest.ToString() })
                : LedgerAnswers.Json(new { id = ask.Id.ToString(), status }));
    }
}

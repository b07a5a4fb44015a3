using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Signing;

/// <summary>What keeps a stream from arriving whole, by the relay's word and what is kept here.</summary>
/// <param name="Made">The highest sequence made.</param>
/// <param name="Logged">The highest in the ledger; null when the relay cannot be asked now.</param>
/// <param name="Problems">What is wrong with which sequence, and what to do; empty when nothing is.</param>
/// <param name="UnderWay">Sequences that are not in the ledger and of which nothing
/// shows that they are in trouble: not handed over yet, or moments ago.</param>
internal sealed record StreamReport(
    StreamId Stream, long Made, long? Logged, IReadOnlyList<StreamProblem> Problems, IReadOnlyList<long> UnderWay)
{
    // Sequences looked at one by one; with more in trouble, the first are what has to be mended first.
    private const int MaxLooked = 256;

    /// <summary>Asks and compares.</summary>
    /// <param name="grace">An envelope made less than this long ago, with nothing held for it, may be under way.</param>
    public static async Task<StreamReport> CreateAsync(
        StreamFile stream, RelayWord word, TimeSpan grace, TimeProvider time, CancellationToken cancellationToken)
    {
        var problems = new List<StreamProblem>();
        var underWay = new List<long>();
        var logged = await word.FindLastAsync(stream.Made, cancellationToken);
        if (logged is { } last)
        {
            await CheckEndsAsync(stream, word, last, problems, cancellationToken);
            var places = new List<EnvelopeWhereabouts>();
            for (var at = last + 1; at <= stream.Made && places.Count < MaxLooked; at++)
            {
                places.Add(await word.FindAsync(at, cancellationToken));
            }

            var lastHeld = places.FindLastIndex(static found => found.Place == EnvelopePlace.Held);
            for (var i = 0; i < places.Count; i++)
            {
                if (Judge(stream, last + 1 + i, last + 1, places[i], i < lastHeld, grace, time) is { } problem) problems.Add(problem);
                else underWay.Add(last + 1 + i);
            }
        }

        if (stream.Redo is { } redo && !problems.Exists(problem => problem.Sequence == redo))
        {
            problems.Add(
                new StreamProblem(
                    redo,
                    "unmade",
                    $"{stream.IdOf(redo)} continues an envelope that was made again.",
                    $"Make it again: {Suggest.AgainAndSubmit(stream, redo)}."));
        }

        return new StreamReport(stream.Stream, stream.Made, logged, problems, underWay);
    }

    // The ledger against what was made here, at its end and beyond.
    private static async Task CheckEndsAsync(
        StreamFile stream, RelayWord word, long last, List<StreamProblem> problems, CancellationToken cancellationToken)
    {
        if (last > 0
            && stream.Find(last) is { } own
            && (await word.FindAsync(last, cancellationToken)).Digest is { } digest
            && digest != own.Digest)
        {
            problems.Add(new StreamProblem(
                last,
                "other",
                $"The ledger has another envelope as {own.Id} than the one made here.",
                "Someone else has signed as this delegation, or this state folder is an old copy: find out which before signing again."));
        }

        if ((await word.FindAsync(stream.Made + 1, cancellationToken)).Place
            is EnvelopePlace.Logged or EnvelopePlace.Held or EnvelopePlace.Pending)
        {
            problems.Add(new StreamProblem(
                stream.Made + 1,
                "unknown",
                $"The relay has {stream.IdOf(stream.Made + 1)}, which was not made in this state folder.",
                "Do not sign here: the folder is an old copy, or another one signs as this delegation."));
        }
    }

    private static StreamProblem? Judge(
        StreamFile stream, long sequence, long first, in EnvelopeWhereabouts found, bool othersWait, TimeSpan grace, TimeProvider time)
    {
        var place = found.Place;
        var id = stream.IdOf(sequence);
        var kept = stream.Find(sequence);
        var again = $"{Suggest.AgainAndSubmit(stream, sequence)}.";
        if (place == EnvelopePlace.Held)
        {
            return new StreamProblem(
                sequence,
                "held",
                $"{id} is held: it waits for {first}{Until(kept)}.",
                "It goes on by itself once those before it have come.");
        }
        if (place == EnvelopePlace.Pending)
        {
            return new StreamProblem(
                sequence,
                "pending",
                $"{id} waits for more signatures{Lacks(found.Waits)}.",
                "Have mediators that are missing sign it and submit their copies: it goes on by itself once they suffice.");
        }
        if (kept is null)
        {
            return new StreamProblem(
                sequence, "gap", $"{id} is not in the ledger, and no copy is kept.", $"Make it again with --text or --file: {again}");
        }
        var now = time.GetUtcNow();
        if (kept.Head.ExpiresAt <= now)
        {
            return new StreamProblem(
                sequence, "expired", $"{id} expired at {kept.Head.ExpiresAt:u} before it came.", $"Make it again: {again}");
        }
        if (othersWait)
        {
            return new StreamProblem(sequence, "gap", $"{id} has not come, and later ones are held for it.", $"Submit it: {again}");
        }
        if (place == EnvelopePlace.Unknown || now - kept.Head.IssuedAt < grace || kept.Head.NotBefore > now) return null;
        return new StreamProblem(
            sequence,
            "absent",
            $"{id} was made at {kept.Head.IssuedAt:u} and is not in the ledger: it was not submitted, waits on its queue, or "
                + "was refused.",
            $"Submit it: {again}");
    }

    private static string Lacks(MissingSignatures? waits) => waits is null
        ? ""
        : $": it has weight {waits.Weight} of {waits.Required} and lacks {string.Join(", ", waits.Mediators)}, until {waits.Until:u}";

    private static string Until(Envelope? kept) => kept is null ? "" : $", and expires at {kept.Head.ExpiresAt:u}";
}

/// <summary>One thing that is wrong with a stream.</summary>
/// <param name="Sequence">Of which envelope.</param>
/// <param name="Code">In one word: gap, held, expired, absent, unmade, other, unknown.</param>
/// <param name="Problem">A sentence.</param>
/// <param name="Fix">What to do.</param>
internal sealed record StreamProblem(long Sequence, string Code, string Problem, string Fix);

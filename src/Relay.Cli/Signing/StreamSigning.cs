using Relay.Cli.Printing;
using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Signing;

/// <summary>
/// Makes a stream's next envelope, or one of its sequences again. Call it only under the
/// stream's lock; what it returns is on disk, and so is the position that counts it.
/// </summary>
internal sealed class StreamSigning(
    Terminal terminal,
    NegotiationDocument document,
    StreamFile stream,
    SeenLedger seen,
    MediatorSigners mediators,
    int maxBytes)
{
    /// <summary>The next of the stream.</summary>
    /// <exception cref="CliFault">Earlier ones have to be made again first, the clock
    /// was set back, or it does not fit; nothing was numbered then.</exception>
    public async Task<Envelope> NextAsync(OutgoingStatement statement, CancellationToken cancellationToken)
    {
        if (stream.Redo is { } redo)
        {
            throw new CliFault(
                $"{stream.IdOf(redo)} to {stream.Made} continue an envelope that was made again, and nothing new may come before them.",
                $"Make them again in order: {Suggest.Again(stream, redo)}.");
        }

        CheckClock(stream.Position.Sequence);
        return await MakeAsync(await SealAsync(statement, stream.Position, cancellationToken), cancellationToken);
    }

    /// <summary>A sequence that was made before: the same envelope while it holds, else the same statement anew, or another one.</summary>
    /// <param name="sequence">From 1 to the highest made.</param>
    /// <param name="statement">What to say instead; null for the same.</param>
    /// <param name="lifetime">Of an envelope made anew.</param>
    /// <param name="signAgain">Let the mediators sign even where the envelope stays the same: it had too few signatures.</param>
    /// <param name="word">Where the relay is asked whether another envelope may take the place; null when that is not known.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CliFault">It never was, it is not its turn, no copy is kept,
    /// or another one in its place could stand against it in the ledger.</exception>
    public async Task<Envelope> AgainAsync(
        long sequence,
        OutgoingStatement? statement,
        TimeSpan lifetime,
        bool signAgain,
        RelayWord? word,
        CancellationToken cancellationToken)
    {
        if (sequence < 1 || sequence > stream.Made)
        {
            throw new CliFault($"{stream.Stream} has no {sequence} to make again.", $"It has made 1 to {stream.Made}.");
        }
        if (stream.Redo is { } redo && sequence > redo)
        {
            throw new CliFault(
                $"{stream.IdOf(redo)} has to be made again first, {sequence} continues it.", $"{Suggest.Again(stream, redo)}.");
        }
        var kept = stream.Find(sequence);
        if (kept is null && statement is null)
        {
            throw new CliFault(
                $"No copy of {stream.IdOf(sequence)} is kept in this state folder.",
                "Give what it is to say with --text or --file, and --to.");
        }
        var before = await PositionBeforeAsync(sequence, word, cancellationToken);
        if (statement is null && kept!.Head.Previous == before.Digest && kept.Head.ExpiresAt > terminal.Time.GetUtcNow())
        {
            return await SameAsync(kept, signAgain, cancellationToken);
        }

        if (statement is null) CheckKeys(kept!);
        await CheckReplaceableAsync(sequence, word, cancellationToken);
        var next = statement is null
            ? Sealer().Reissue(kept!.Sealed, before, lifetime)
            : await SealAsync(statement, before, cancellationToken);
        var made = await MakeAsync(next, cancellationToken);
        if (kept is not null)
        {
            var sender = stream.Stream.Sender;
            terminal.Notes.Say(
                $"Destroy every copy of {sequence} before: should both reach the relay, the ledger shows {sender} as saying two things.");
        }
        if (stream.Redo is { } first)
        {
            terminal.Notes.Say(
                $"{first} to {stream.Made} continued the {sequence} before. Make them again in order: {Suggest.Again(stream, first)}.");
        }
        return made;
    }

    // The envelope itself, once more: to the relay a duplicate, harmless however often it comes.
    private async Task<Envelope> SameAsync(Envelope kept, bool signAgain, CancellationToken cancellationToken)
    {
        var again = kept;
        if (signAgain)
        {
            var builder = new EnvelopeBuilder(kept.Sealed);
            await mediators.SignAsync(builder, cancellationToken);
            again = Read(builder);
        }

        if (again.Id.Sequence == stream.Redo) stream.Advance(again);
        else stream.Keep(again);
        return again;
    }

    private async Task<StreamPosition> PositionBeforeAsync(long sequence, RelayWord? word, CancellationToken cancellationToken)
    {
        if (sequence == 1) return StreamPosition.Start;
        if (sequence - 1 == stream.Position.Sequence) return stream.Position;
        if (stream.Find(sequence - 1) is { } kept) return StreamPosition.After(kept.Head);
        if (word is not null && (await word.FindAsync(sequence - 1, cancellationToken)).Digest is { } digest)
        {
            return new StreamPosition(sequence - 1, digest);
        }
        throw new CliFault(
            $"What {stream.IdOf(sequence)} continues is not known: no copy of {sequence - 1} is kept, and the ledger does not show it.",
            $"{Suggest.Again(stream, sequence - 1)} first.");
    }

    // Another envelope under an id is what an equivocator makes. It may be made as
    // long as the relay knows neither the one before nor any that continues it.
    private async Task CheckReplaceableAsync(long sequence, RelayWord? word, CancellationToken cancellationToken)
    {
        if (word is null) throw CannotTell(sequence);
        for (var at = sequence; at <= stream.Made; at++)
        {
            var kept = stream.Find(at);
            switch ((await word.FindAsync(at, cancellationToken)).Place)
            {
                case EnvelopePlace.Unknown:
                    throw CannotTell(at);
                case EnvelopePlace.Logged:
                    throw new CliFault(
                        $"{stream.IdOf(at)} is in the ledger: nothing can take its place, or that of what it continues.",
                        "It stands as it is; say more with the next one.");
                case EnvelopePlace.Pending:
                    throw new CliFault(
                        $"The relay keeps {stream.IdOf(at)} for other mediators to sign: once they have, it stands, and one that differs "
                            + "would stand against you.",
                        $"Have them sign it, or wait until {Expiry(kept)}.");
                case EnvelopePlace.Held:
                    throw new CliFault(
                        $"The relay holds {stream.IdOf(at)} for those before it. A {sequence} that differs would break its chain, "
                            + "which the ledger shows for good.",
                        $"Submit the {sequence} that it continues, unchanged ({Suggest.Again(stream, sequence)}), or wait "
                            + $"until {Expiry(kept)}.");
                case EnvelopePlace.Absent when kept?.Head is { NotBefore: { } embargo } head
                    && head.ExpiresAt > terminal.Time.GetUtcNow():
                    throw new CliFault(
                        $"{stream.IdOf(at)} is embargoed until {embargo:u} and may wait at the relay unseen.",
                        $"Wait until it expires at {head.ExpiresAt:u}.");
                case EnvelopePlace.Absent:
                    break;
            }
        }
    }

    // The text is not kept, and nobody but its addressees can open what was sealed: only its maker can say it anew.
    private void CheckKeys(Envelope kept)
    {
        if (Client.Delegations.Sealer.OpenableUntil(kept.Sealed) is not { } until || until > terminal.Time.GetUtcNow()) return;
        throw new CliFault(
            $"{kept.Id} was sealed at {kept.Head.IssuedAt:u} to keys that its addressees kept until {until:u}: "
                + "nobody may be able to open it.",
            $"Say it anew: {Suggest.Again(stream, kept.Id.Sequence)} --text ..., or --file.");
    }

    private static string Expiry(Envelope? kept) => kept is null ? "it expires" : $"{kept.Head.ExpiresAt:u}, when it expires";

    private CliFault CannotTell(long sequence) => new(
        $"Whether {stream.IdOf(sequence)} is in the ledger cannot be told now, and a second one under its id would stand there "
            + "against you for good.",
        "Start the local stack (relay up), or name the relay with --url and --client-certificate.");

    private void CheckClock(long last)
    {
        var now = terminal.Time.GetUtcNow();
        if (last == 0 || stream.Find(last) is not { } kept || kept.Head.IssuedAt - now <= EnvelopeLimits.MaxClockSkew) return;
        throw new CliFault(
            $"The clock says {now:u}, and {kept.Id} was made at {kept.Head.IssuedAt:u}: one of the two was wrong.",
            "Set the clock if it is wrong now. If it was wrong then, the relay refuses that envelope: make it again with "
                + $"{Suggest.Again(stream, last)} --text ..., or wait.");
    }

    private async Task<SealedEnvelope> SealAsync(
        OutgoingStatement statement, StreamPosition before, CancellationToken cancellationToken)
    {
        var made = await Sealer().SealStatementAsync(statement, before, cancellationToken);
        if (seen.Claimer is null) terminal.Notes.Say($"No one-time keys were claimed: it is not known where the relay is (--url).");
        foreach (var key in made.Keys) terminal.Notes.Say($"{key.Delegation}: {key}");
        return made.Envelope;
    }

    private Sealer Sealer() => new(document, stream.Stream.Sender, seen.Identity, seen.View, terminal.Time, seen.Claimer);

    private async Task<Envelope> MakeAsync(SealedEnvelope next, CancellationToken cancellationToken)
    {
        // A third more as text, and signatures: what is too large by then need not be signed.
        EnvelopeSize.CheckEnvelope(next.Content.Length / 3 * 4, maxBytes);
        var builder = new EnvelopeBuilder(next);
        await mediators.SignAsync(builder, cancellationToken);
        var envelope = Read(builder);
        EnvelopeSize.CheckEnvelope(envelope.Wire.Length, maxBytes);
        stream.Advance(envelope);
        return envelope;
    }

    // As the relay will: what it would refuse for its form takes no number.
    private static Envelope Read(EnvelopeBuilder builder) =>
        Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out var fault, out var detail)
            ? envelope
            : throw new CliFault($"The envelope would be refused ({fault}): {detail}.", "Nothing was numbered.");
}

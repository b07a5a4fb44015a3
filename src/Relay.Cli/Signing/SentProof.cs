using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Cli.Signing;

/// <summary>
/// Holds what a delegation has signed against the ledger that was audited: where the relay says that an envelope is counts for nothing.
/// </summary>
/// <param name="Problems">What the ledger does not have as it must.</param>
/// <param name="IsWhole">False when the log stopped answering, so that not all of it could be told.</param>
internal sealed record SentProof(IReadOnlyList<StreamProblem> Problems, bool IsWhole)
{
    /// <summary>
    /// Compares. A stream is a chain without gaps, and the audit has held that: with its last envelope everything before it is right.
    /// </summary>
    /// <param name="stateFolder">Where the copies of what was signed are.</param>
    /// <param name="report">The audit, which has read the whole ledger.</param>
    /// <param name="trust">Verifies the receipts of what has come since.</param>
    /// <param name="log">The relay's log.</param>
    /// <param name="sender">Whose streams.</param>
    /// <param name="negotiation">Of this negotiation.</param>
    /// <param name="grace">An envelope made less than this long ago may be under way.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<SentProof> CompareAsync(
        string stateFolder,
        AuditReport report,
        LedgerTrust trust,
        ILedgerLog log,
        string sender,
        string negotiation,
        TimeSpan grace,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var problems = new List<StreamProblem>();
        if (report.Ends is not { } ends) return new SentProof(problems, false);
        try
        {
            foreach (var lane in Enum.GetValues<Lane>())
            {
                var stream = StreamFile.Read(stateFolder, new StreamId(negotiation, sender, lane));
                var (last, digest) = ends.GetValueOrDefault(stream.Stream);
                if (last > 0 && stream.Find(last) is { } own && own.Digest != digest)
                {
                    problems.Add(Other(own.Id));
                }
                else if (last < stream.Made
                    && stream.Find(last + 1) is { } next
                    && IsDue(next.Head, grace, time.GetUtcNow())
                    && !await IsProvedAsync(next, trust, log, cancellationToken))
                {
                    problems.Add(Missing(stream, next.Id));
                }
            }
        }
        catch (LedgerLogException)
        {
            return new SentProof(problems, false);
        }

        return new SentProof(problems, true);
    }

    private static bool IsDue(EnvelopeHead head, TimeSpan grace, DateTimeOffset now) =>
        now - head.IssuedAt >= grace && !(head.NotBefore > now);

    // It may have been logged since the audit read the ledger; then there is a receipt.
    private static async Task<bool> IsProvedAsync(
        Envelope envelope, LedgerTrust trust, ILedgerLog log, CancellationToken cancellationToken) =>
        await log.FindReceiptAsync(envelope.Id, cancellationToken) is { } text
            && Receipt.TryParse(text, out var receipt, out _, out _)
            && (await trust.CheckAsync(receipt, envelope.Head, cancellationToken)).Holds;

    private static StreamProblem Other(EnvelopeId id) => new(
        id.Sequence,
        "other",
        $"The ledger has another envelope as {id} than the one made here.",
        "Someone else has signed as this delegation, or this state folder is an old copy: find out which before signing again.");

    private static StreamProblem Missing(StreamFile stream, EnvelopeId id) => new(
        id.Sequence,
        "not-in-ledger",
        $"The relay says that {id} is in its ledger; the ledger that it shows does not have it, and no receipt proves it.",
        $"Submit it again, {Suggest.AgainAndSubmit(stream, id.Sequence)}, and do not believe what this relay says.");
}

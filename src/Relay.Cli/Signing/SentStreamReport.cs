namespace Relay.Cli.Signing;

/// <summary>A stream with the envelopes of it that are worth showing.</summary>
/// <param name="Report">What keeps it from arriving whole.</param>
/// <param name="Refusal">Why the relay last did not answer; null when it has.</param>
/// <param name="Envelopes">The newest, and earlier ones that are open, in the stream's order.</param>
/// <param name="EarlierOpened">Earlier ones that everyone they are for has opened, as far as they were looked at.</param>
/// <param name="EarlierOpen">Earlier ones that are open and not among <paramref name="Envelopes"/>.</param>
internal sealed record SentStreamReport(
    StreamReport Report, string? Refusal, IReadOnlyList<SentState> Envelopes, int EarlierOpened, int EarlierOpen)
{
    /// <summary>What came of several of them.</summary>
    public static SentTally Tally(IReadOnlyList<SentStreamReport> streams) => new(
        streams.Count,
        streams.Sum(stream => stream.Report.Problems.Count),
        streams.All(stream => stream.Report.Problems.Count == 0 && stream.Report.Logged is not null),
        streams.All(stream => stream.Report.Logged == stream.Report.Made));
}

/// <summary>What came of reporting on a sender's streams.</summary>
/// <param name="Streams">Streams with something in them.</param>
/// <param name="Problems">What is wrong, over all of them.</param>
/// <param name="Whole">None has a gap, nothing is held or lost, and the relay could be asked.</param>
/// <param name="AllLogged">Everything made is in the ledger.</param>
internal readonly record struct SentTally(int Streams, int Problems, bool Whole, bool AllLogged)
{
    /// <summary>The exit code that says so.</summary>
    public int ExitCode => Problems > 0 ? Cli.ExitCode.Bad : Whole ? Cli.ExitCode.Good : Cli.ExitCode.NotProved;
}

using System.Security.Cryptography;

namespace Relay.DeadLetters;

/// <summary>One call of a command that changes dead letters, as it stands in the log.</summary>
/// <param name="log">Takes its entries.</param>
/// <param name="by">Who.</param>
/// <param name="bus">Host name of the namespace.</param>
/// <param name="time">Dates them.</param>
/// <param name="tell">Tells others where the log stands when a run begins and ends; when it fails, nothing is done.</param>
internal sealed class OperatorRun(
    OperatorLog log, string by, string bus, TimeProvider time, Func<OperatorLogEntry, OperatorLogHead, CancellationToken, Task> tell)
{
    /// <summary>Name of this run: 16 hexadecimal digits.</summary>
    public string Name { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    public OperatorLog Log { get; } = log;

    /// <summary>What was done on this namespace before.</summary>
    public IEnumerable<OperatorLogEntry> Before => Log.Entries.Where(entry => entry.Bus == bus && entry.Run != Name);

    public async Task BeginAsync(
        OperatorAct act, DeadLetterFilter filter, int count, string? because, CancellationToken cancellationToken)
    {
        await Log.AddAsync(
            (index, previous) => Entry(index, previous, act, count) with { Filter = filter.ToString(), Because = because },
            cancellationToken);
        await tell(Log.Entries[^1], Log.Head!, cancellationToken);
    }

    public Task BatchAsync(OperatorAct act, IReadOnlyCollection<DeadLetter> letters, CancellationToken cancellationToken) =>
        Log.AddAsync(
            (index, previous) => Entry(index, previous, act, letters.Count) with { Items = [.. letters.Select(OperatorLogItem.Of)] },
            cancellationToken);

    public async Task EndAsync(OperatorAct act, int count, CancellationToken cancellationToken)
    {
        await Log.AddAsync((index, previous) => Entry(index, previous, act, count), cancellationToken);
        await tell(Log.Entries[^1], Log.Head!, cancellationToken);
    }

    private OperatorLogEntry Entry(long index, string previous, OperatorAct act, int count) => new()
    {
        Index = index,
        Previous = previous,
        At = time.GetUtcNow(),
        By = by,
        Bus = bus,
        Act = act,
        Run = Name,
        Count = count,
    };
}

using Azure.Messaging.ServiceBus;
using Relay.Azure.Diagnostics;
using Relay.Core.Ledger.Store;

namespace Relay.DeadLetters;

/// <summary>
/// Where operators see and change dead letters, by command and over HTTP alike: the bus, the operators' log, and who is told of it.
/// Safe for concurrent use; of two who change something at once one is told (<see cref="OperatorLogBusyException"/>).
/// </summary>
public sealed class DeadLetterOffice : IAsyncDisposable
{
    private readonly Func<ILedgerStore> _log;
    private readonly string _busName;
    private readonly Func<OperatorLogEntry, OperatorLogHead, CancellationToken, Task> _tell;
    private readonly TimeProvider _time;
    private readonly Func<ValueTask> _dispose;

    // As it was last read: what has come since is read the next time. Replaced as a whole.
    private volatile OperatorLog? _known;

    internal DeadLetterOffice(
        IDeadLetterBus bus,
        string busName,
        Func<ILedgerStore> log,
        Func<OperatorLogEntry, OperatorLogHead, CancellationToken, Task> tell,
        TimeProvider time,
        Func<ValueTask>? dispose = null)
    {
        Bus = bus;
        _busName = busName;
        _log = log;
        _tell = tell;
        _time = time;
        _dispose = dispose ?? (static () => ValueTask.CompletedTask);
    }

    internal IDeadLetterBus Bus { get; }

    /// <summary>Over a namespace.</summary>
    /// <param name="client">
    /// Needs the rights to listen and to send on both queues, to listen on the delegations' subscriptions and to send on their topics, and
    /// to send on <c>signals</c>. Not owned.
    /// </param>
    /// <param name="log">Opens the place of the operators' log when it is first needed; throws where there is none.</param>
    /// <param name="time">Dates entries and waits.</param>
    public static DeadLetterOffice Open(ServiceBusClient client, Func<ILedgerStore> log, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(client);
        var witness = new OperatorWitness(client);
        var bus = new ServiceBusDeadLetters(client, time);
        return new DeadLetterOffice(bus, client.FullyQualifiedNamespace, log, witness.TellAsync, time, async () =>
        {
            await witness.DisposeAsync();
            await bus.DisposeAsync();
        });
    }

    /// <summary>True when the exception says that bus or log cannot be used now.</summary>
    internal static bool IsUnavailable(Exception exception) => ServiceFailure.IsOfBus(exception) || exception is LedgerStoreException;

    /// <summary>True when the exception says that the bus has no such topic or subscription of a delegation.</summary>
    internal static bool IsOfNoSubscription(Exception exception) =>
        exception is ServiceBusException { Reason: ServiceBusFailureReason.MessagingEntityNotFound, EntityPath: { } path }
        && DeadLetterSource.TryParse(path, out var source)
        && source.Subscription is not null;

    /// <summary>The operators' log as it is now, verified.</summary>
    /// <exception cref="OperatorLogException">It is not as it was written.</exception>
    internal async Task<OperatorLog> ReadLogAsync(CancellationToken cancellationToken)
    {
        var read = await OperatorLog.ReadAsync(_log(), _known, cancellationToken);
        _known = read;
        // What is handed out is added to.
        return read.Copy();
    }

    /// <summary>A run that has not begun: the log is read and verified, nothing is written.</summary>
    /// <param name="by">Who, as the log will say it.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="OperatorLogException">The log is not as it was written.</exception>
    internal async Task<OperatorRun> PrepareAsync(string by, CancellationToken cancellationToken) =>
        new(await ReadLogAsync(cancellationToken), by, _busName, _time, _tell);

    /// <summary>What is meant, all of it or the first <paramref name="most"/>.</summary>
    internal async Task<List<DeadLetter>> SurveyAsync(DeadLetterFilter filter, int most, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        await foreach (var letter in DeadLetterSurvey.ReadAsync(Bus, filter, cancellationToken))
        {
            if (letters.Count == most) break;
            letters.Add(letter);
        }

        return letters;
    }

    /// <summary>How many there are of each kind, by reason, negotiation, sender and lane, in the order of their names.</summary>
    internal async Task<IReadOnlyList<DeadLetterGroup>> CountAsync(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var groups = new SortedDictionary<(string, string, string, int), DeadLetterGroup>();
        await foreach (var letter in DeadLetterSurvey.ReadAsync(Bus, filter, cancellationToken))
        {
            var key = (letter.Reason, letter.Id?.Negotiation ?? "", letter.Id?.Sender ?? "", (int?)letter.Lane ?? -1);
            groups[key] = groups.TryGetValue(key, out var group) ? group.With(letter) : DeadLetterGroup.Of(letter);
        }

        return [.. groups.Values];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _dispose();
}

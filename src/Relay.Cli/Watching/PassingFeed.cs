using Azure.Messaging.ServiceBus;
using Relay.DeadLetters;
using Relay.Cli.Printing;
using Relay.Cli.Reading;
using Relay.Client.Ledger;
using Relay.Local;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Watching;

/// <summary>
/// What passes through a local stack, a line each: entries of every negotiation's ledger, as the relay shows them, and dead letters, of the
/// relay's queues and of the delegations' subscriptions. It looks once a second, and begins with what comes after it began.
/// </summary>
internal sealed class PassingFeed(Terminal terminal, LocalEndpoints endpoints, string state)
{
    private const int MostDeadLetters = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, LedgerFeed> _ledgers = [];
    private readonly Dictionary<DeadLetterSource, long> _next = [];
    private string _trouble = "";

    /// <summary>Prints until it is told to end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var clients = new Dictionary<string, HttpClient>();
        await using var bus = new ServiceBusClient(endpoints.ServiceBus);
        await using var letters = new ServiceBusDeadLetters(bus, terminal.Time);
        try
        {
            using var timer = new PeriodicTimer(Every, terminal.Time);
            do
            {
                foreach (var source in Sources()) await TryAsync(() => ReadLettersAsync(letters, source, cancellationToken));
                foreach (var (negotiation, delegation) in LocalLedgers.Find(state))
                {
                    if (!clients.TryGetValue(delegation, out var client))
                    {
                        client = clients[delegation] = LocalCertificates.OpenClient(endpoints, state, delegation, terminal.Time);
                    }
                    if (!_ledgers.TryGetValue(negotiation, out var ledger))
                    {
                        var log = new HttpLedgerLog(client, negotiation, terminal.Time);
                        ledger = _ledgers[negotiation] = new LedgerFeed(log, null, negotiation);
                    }
                    await TryAsync(() => ReadLedgerAsync(ledger, cancellationToken));
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        finally
        {
            foreach (var client in clients.Values) client.Dispose();
        }
    }

    private async Task ReadLedgerAsync(LedgerFeed ledger, CancellationToken cancellationToken)
    {
        foreach (var entry in await ledger.ReadAsync(cancellationToken))
        {
            var what = EntryLine.Describe(entry.Entry, entry.Weight);
            terminal.Out.Say($"{entry.Entry.At:HH:mm:ss} {ledger.Negotiation} {entry.Index}: {what}");
        }
    }

    private IEnumerable<DeadLetterSource> Sources()
    {
        foreach (var lane in Enum.GetValues<Lane>()) yield return DeadLetterSource.OfQueue(lane);
        foreach (var topic in LocalLedgers.Topics(state))
        {
            if (DeadLetterSource.TryOfTopic(topic, null, out var source)) yield return source;
        }
    }

    private async Task ReadLettersAsync(ServiceBusDeadLetters letters, DeadLetterSource source, CancellationToken cancellationToken)
    {
        var isFirst = !_next.TryGetValue(source, out var from);
        try
        {
            while (await letters.PeekAsync(source, from, MostDeadLetters, cancellationToken) is { Count: > 0 } some)
            {
                from = some[^1].Letter.Key.Number + 1;
                foreach (var letter in isFirst ? [] : some.Select(message => message.Letter)) Print(source, letter);
            }
        }
        catch (ServiceBusException exception) when (DeadLetterOffice.IsOfNoSubscription(exception))
        {
            // A document may name a topic that the bus does not have: nothing is there.
        }

        _next[source] = from;
    }

    private void Print(DeadLetterSource source, DeadLetter letter)
    {
        var id = letter.Id?.ToString() ?? "what is no envelope";
        var what = source.Subscription is null ? "refused" : $"given up on {source}";
        terminal.Out.Say($"{terminal.Time.GetUtcNow():HH:mm:ss} [red]{what}[/] {id}: {letter.Reason}, {letter.Description}");
    }

    // While the function app is started again nothing answers: that is told once.
    private async Task TryAsync(Func<Task> read)
    {
        try
        {
            await read();
            _trouble = "";
        }
        catch (Exception exception) when (exception is LedgerLogException or CliFault or ServiceBusException)
        {
            if (exception.Message != _trouble) terminal.Notes.Say($"[yellow]not now:[/] {exception.Message}");
            _trouble = exception.Message;
        }
    }
}

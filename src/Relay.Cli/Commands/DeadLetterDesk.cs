using System.CommandLine;
using Azure.Messaging.ServiceBus;
using Relay.Cli.DeadLetters;
using Relay.Cli.Printing;

namespace Relay.Cli.Commands;

/// <summary>What a command holds while it changes dead letters: the bus, its run in the operators' log, and who is told of it.</summary>
internal sealed class DeadLetterDesk : IAsyncDisposable
{
    private readonly ServiceBusClient _client;
    private readonly OperatorWitness _witness;

    private DeadLetterDesk(ServiceBusClient client, OperatorLog log, TimeProvider time)
    {
        _client = client;
        _witness = new OperatorWitness(client);
        Bus = new ServiceBusDeadLetters(client, time);
        var by = $"{Environment.UserName}@{Environment.MachineName}";
        Run = new OperatorRun(log, by, client.FullyQualifiedNamespace, time, _witness.TellAsync);
    }

    public ServiceBusDeadLetters Bus { get; }

    public OperatorRun Run { get; }

    /// <exception cref="CliFault">The log is not as it was written.</exception>
    public static async Task<DeadLetterDesk> OpenAsync(
        DeadLetterOptions options, ParseResult parsed, TimeProvider time, CancellationToken cancellationToken)
    {
        var log = await ReadAsync(options, parsed, time, cancellationToken);
        return new DeadLetterDesk(options.OpenBus(parsed), log, time);
    }

    /// <inheritdoc cref="OperatorLog.ReadAsync"/>
    public static async Task<OperatorLog> ReadAsync(
        DeadLetterOptions options, ParseResult parsed, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await OperatorLog.ReadAsync(options.OpenLog(parsed, time), cancellationToken);
        }
        catch (OperatorLogException e)
        {
            throw new CliFault(
                $"The operators' log is not as it was written: {e.Message}.",
                "Nothing was done. Keep it as it is for who looks into this, and name another place with --container to go on.",
                e);
        }
    }

    /// <summary>What is meant, all of it.</summary>
    public async Task<List<DeadLetter>> SurveyAsync(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        await foreach (var letter in DeadLetterSurvey.ReadAsync(Bus, filter, cancellationToken)) letters.Add(letter);
        return letters;
    }

    /// <summary>A line from time to time.</summary>
    public static IProgress<RedriveProgress> Lines(Terminal terminal, string done)
    {
        var every = TimeSpan.FromSeconds(2);
        var last = terminal.Time.GetTimestamp();
        return new SynchronousProgress<RedriveProgress>(value =>
        {
            if (terminal.Time.GetElapsedTime(last) < every) return;
            last = terminal.Time.GetTimestamp();
            terminal.Notes.Say($"{value.Done:N0} of {value.Of:N0} {done}, {value.Removed:N0} taken away");
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _witness.DisposeAsync();
        await Bus.DisposeAsync();
        await _client.DisposeAsync();
    }
}

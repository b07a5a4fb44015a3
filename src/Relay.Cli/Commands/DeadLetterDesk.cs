using System.CommandLine;
using Azure.Messaging.ServiceBus;
using Relay.DeadLetters;
using Relay.Cli.Printing;

namespace Relay.Cli.Commands;

/// <summary>What a command holds while it sees or changes dead letters.</summary>
internal sealed class DeadLetterDesk : IAsyncDisposable
{
    private readonly ServiceBusClient _client;

    public DeadLetterDesk(DeadLetterOptions options, ParseResult parsed, TimeProvider time)
    {
        _client = options.OpenBus(parsed);
        Office = DeadLetterOffice.Open(_client, () => options.OpenLog(parsed, time), time);
    }

    public DeadLetterOffice Office { get; }

    /// <summary>A run that has not begun.</summary>
    /// <exception cref="CliFault">The log is not as it was written.</exception>
    public async Task<OperatorRun> PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Office.PrepareAsync($"{Environment.UserName}@{Environment.MachineName}", cancellationToken);
        }
        catch (OperatorLogException e)
        {
            throw new CliFault(
                $"The operators' log is not as it was written: {e.Message}.",
                "Nothing was done. Keep it as it is for who looks into this, and name another place with --container to go on.",
                e);
        }
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
        await Office.DisposeAsync();
        await _client.DisposeAsync();
    }
}

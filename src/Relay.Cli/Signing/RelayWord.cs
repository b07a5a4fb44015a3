using System.CommandLine;
using Relay.Cli.Targets;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Signing;

/// <summary>Asks the relay where envelopes of one stream are. The owner disposes it.</summary>
internal sealed class RelayWord : IDisposable
{
    private readonly HttpClient _client;
    private readonly HttpLedgerLog _log;
    private readonly StreamId _stream;

    private RelayWord(HttpClient client, StreamId stream, TimeProvider time)
    {
        _client = client;
        _stream = stream;
        _log = new HttpLedgerLog(client, stream.Negotiation, time);
    }

    /// <summary>Null when it is not known where the relay's log is: no local stack runs, and none is named.</summary>
    public static RelayWord? TryOpen(ParseResult parsed, TargetOptions target, LedgerTarget ledger, StreamId stream, TimeProvider time) =>
        ledger.CanOpenLog(parsed, target) ? new RelayWord(ledger.OpenLog(parsed, target, stream.Sender, time), stream, time) : null;

    /// <summary>Why the relay last did not answer this caller; null when it has not refused.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Where an envelope of the stream is; unknown when the relay cannot be asked or does not let this caller ask.</summary>
    public async Task<EnvelopeWhereabouts> FindAsync(long sequence, CancellationToken cancellationToken)
    {
        if (sequence is < 1 or > EnvelopeId.MaxSequence) return new EnvelopeWhereabouts(EnvelopePlace.Absent, null);
        try
        {
            return await _log.FindWhereaboutsAsync(
                new EnvelopeId(_stream.Negotiation, _stream.Sender, _stream.Lane, sequence), cancellationToken);
        }
        catch (LedgerLogException exception)
        {
            Refusal = exception.Message;
            return default;
        }
    }

    /// <summary>
    /// The highest sequence up to <paramref name="made"/> that is in the ledger, 0 for none; null when the relay cannot be asked.
    /// </summary>
    /// <remarks>A ledger holds a stream from 1 on without gaps, so a few questions find the end.</remarks>
    public async Task<long?> FindLastAsync(long made, CancellationToken cancellationToken)
    {
        var (logged, end) = (0L, made + 1);
        while (end - logged > 1)
        {
            var middle = logged + (end - logged) / 2;
            switch ((await FindAsync(middle, cancellationToken)).Place)
            {
                case EnvelopePlace.Unknown:
                    return null;
                case EnvelopePlace.Logged:
                    logged = middle;
                    break;
                case EnvelopePlace.Absent or EnvelopePlace.Pending or EnvelopePlace.Held:
                    end = middle;
                    break;
            }
        }

        return logged;
    }

    public void Dispose() => _client.Dispose();
}

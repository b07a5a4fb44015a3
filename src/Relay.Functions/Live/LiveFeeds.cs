using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Functions.Diagnostics;
using Relay.Functions.Http;
using Relay.Functions.Reading;
using Relay.Protocol.Text;

namespace Relay.Functions.Live;

/// <summary>
/// Stats for those who look at them live: each negotiation that anybody looks at is read by one, whatever the number of viewers, and none
/// that nobody looks at. Safe for concurrent use.
/// </summary>
public sealed class LiveFeeds : IAsyncDisposable
{
    /// <summary>
    /// Pause between two rounds in which the stats of negotiations are read: half a second. What they are made of is read once a second.
    /// </summary>
    public static readonly TimeSpan NegotiationEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Pause between two reads of all negotiations' stats: 5 s.</summary>
    public static readonly TimeSpan RelayEvery = TimeSpan.FromSeconds(5);

    private readonly StatsReader _stats;
    private readonly TimeProvider _time;
    private readonly ILogger<LiveFeeds> _logger;

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LiveFeed> _feeds = new(StringComparer.Ordinal);
    private readonly LiveRounds _negotiations;
    private readonly LiveRounds _relay;
    private int _viewers;

    public LiveFeeds(StatsReader stats, IOptions<LiveOptions> options, TimeProvider time, ILogger<LiveFeeds> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _stats = stats;
        Options = options.Value;
        _time = time;
        _logger = logger;
        _negotiations = new LiveRounds(NegotiationEvery, time);
        _relay = new LiveRounds(RelayEvery, time);
    }

    /// <summary>Most that look at once.</summary>
    public int MaxViewers => Options.MaxViewers;

    internal LiveOptions Options { get; }

    internal TimeProvider Time => _time;

    /// <summary>Begins to look.</summary>
    /// <param name="negotiation">A name that keeps the rule of names; null for the stats of all.</param>
    /// <returns>To be disposed; null when as many look as may.</returns>
    internal LiveView? TryOpen(string? negotiation)
    {
        // No negotiation has this name.
        var subject = negotiation ?? "";
        lock (_gate)
        {
            if (_viewers >= Options.MaxViewers) return null;
            _viewers++;
            if (!_feeds.TryGetValue(subject, out var feed))
            {
                _feeds.Add(subject, feed = new LiveFeed(Reader(negotiation)));
                RoundsOf(subject).Add(feed);
            }

            feed.Enter();
            return new LiveView(feed, () => Close(subject, feed));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var ends = new List<Action?>();
        lock (_gate)
        {
            foreach (var (subject, feed) in _feeds) ends.Add(RoundsOf(subject).Remove(feed));
            _feeds.Clear();
        }

        foreach (var end in ends) end?.Invoke();
        await Task.WhenAll(_negotiations.Running, _relay.Running);
    }

    private LiveRounds RoundsOf(string subject) => subject.Length == 0 ? _relay : _negotiations;

    private void Close(string subject, LiveFeed feed)
    {
        Action? end;
        lock (_gate)
        {
            _viewers--;
            if (!feed.Leave() || !_feeds.TryGetValue(subject, out var known) || known != feed) return;
            _feeds.Remove(subject);
            end = RoundsOf(subject).Remove(feed);
        }

        end?.Invoke();
    }

    private Func<CancellationToken, ValueTask<LiveEvent?>> Reader(string? negotiation)
    {
        if (negotiation is null) return end => TryAsync(async () => Write(await _stats.ReadAsync(end)), end);
        var watch = _stats.Watch(negotiation);
        return end => TryAsync(async () => await watch.ReadAsync(end) is { } stats ? Write(stats) : null, end);
    }

    // What cannot be read is tried again: whoever looks keeps what they see meanwhile.
    private async ValueTask<LiveEvent?> TryAsync(Func<ValueTask<LiveEvent?>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await read();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e)
        {
            FunctionsLog.LiveNotRead(_logger, e);
            return null;
        }
    }

    private static LiveEvent Write<T>(T stats)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(stats, JsonAnswer.Options);
        var (from, to) = MomentOf(json);
        var id = Digest.Of([.. json.AsSpan(0, from), .. json.AsSpan(to)]).ToString();
        // JSON is one line, so it is one line of data.
        byte[] frame = [.. Encoding.UTF8.GetBytes($"id: {id}\nevent: stats\ndata: "), .. json, .. "\n\n"u8];
        return new LiveEvent(id, frame);
    }

    // Where the moment stands, which makes no news of what is otherwise the same.
    private static (int From, int To) MomentOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("at"u8)) continue;
            reader.Read();
            return ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
        }

        throw new InvalidOperationException("Expected stats that say when they were read.");
    }
}

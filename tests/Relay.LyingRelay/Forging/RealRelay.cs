using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Core;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.Store;
using Relay.Core.Rulings;
using Relay.Core.Verification;
using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Lies;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.LyingRelay.Forging;

/// <summary>
/// The relay's pipeline and ledger as the function app composes them, over a store in memory and topics that are lists; the liar is in
/// the ports. The owner disposes it.
/// </summary>
internal sealed class RealRelay : IAsyncDisposable, IEnvelopeForwarder, ILedgerSignals, IDirectoryDocumentSource, IPublicKeySource
{
    private readonly Telling _telling;
    private readonly ServiceProvider _provider;
    private readonly ManualTimeProvider _time;
    private readonly ConcurrentQueue<OutboundEnvelope> _sent = new();
    private readonly Dictionary<string, VerificationKey> _keys = new(KeyIdentifier.TextComparer);
    private readonly byte[] _document;

    public RealRelay(Telling telling)
    {
        _telling = telling;
        _document = telling.Lie.Document?.Invoke(telling) ?? telling.Company.Document.Bytes.ToArray();
        _time = new ManualTimeProvider(Company.Epoch + telling.Lie.ClockAhead);
        foreach (var name in Company.Mediators)
        {
            var key = telling.Company.KeyOf(name);
            _keys[key.KeyId] = VerificationKey.TryCreate(key.Public, out var made, out var error) ? made
                : throw new InvalidOperationException(error);
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings()).Build();
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_time);
        services.AddSingleton<IEnvelopeForwarder>(this);
        services.AddSingleton<ILedgerSignals>(this);
        services.AddSingleton<IDirectoryDocumentSource>(this);
        services.AddSingleton(telling.Lie.MediatorKeys?.Invoke(telling, this) ?? this);
        services.AddSingleton(Certifier);
        services.AddSingleton<ILedgerStore>(telling.Store);
        services.AddLogging(logging => logging.ClearProviders());
        services.AddRelayCore(configuration);
        _provider = services.BuildServiceProvider();
    }

    /// <summary>The vault key as the relay uses it.</summary>
    private ICheckpointCertifier Certifier =>
        _telling.Lie.Certifier?.Invoke(_telling, _telling.Company.Certifier) ?? _telling.Company.Certifier;

    /// <summary>Takes an envelope and returns what goes to the topics.</summary>
    public async Task<IReadOnlyList<Delivery>> RelayAsync(Envelope envelope)
    {
        // Its clock may stand behind what an envelope says of its making by no more than it may be ahead.
        var behind = envelope.Head.IssuedAt + _telling.Lie.ClockAhead - _time.GetUtcNow();
        _time.Advance(behind > TimeSpan.Zero ? behind : TimeSpan.Zero);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        var ruling = await _provider.GetRequiredService<RelayPipeline>()
            .RelayAsync(envelope.Wire, null, TimeSpan.FromMinutes(1), null, CancellationToken.None);
        // What follows an envelope that was withheld waits for it.
        if (ruling.Verdict != Verdict.Forwarded && (ruling.Verdict != Verdict.Held || _telling.Lie.Take is null))
        {
            throw new InvalidOperationException($"{envelope.Id}: {ruling.Verdict}, {ruling.Description}");
        }
        if (ruling.Verdict == Verdict.Forwarded) await SettleAsync();
        var deliveries = new List<Delivery>();
        while (_sent.TryDequeue(out var sent))
        {
            deliveries.Add(
                new Delivery(sent.Topic["delegation-".Length..], envelope)
                {
                    Receipt = System.Text.Encoding.UTF8.GetString(sent.Receipt.Span),
                });
        }

        return deliveries;
    }

    // The commit of the mark stages nothing: everything lies in its place then.
    private async Task SettleAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        while (Telling.HeadOf(_telling.Store).Staged is { Puts.Length: > 0 })
        {
            if (TimeProvider.System.GetElapsedTime(started) > TestDeadline.Default)
            {
                throw new InvalidOperationException("expected the entry to be marked, it never was");
            }
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }
    }

    public ValueTask<SendOutcome> ForwardAsync(OutboundEnvelope envelope, CancellationToken cancellationToken)
    {
        _sent.Enqueue(envelope);
        return new(SendOutcome.Accepted);
    }

    public ValueTask<bool> SendAsync(LedgerSignal signal, CancellationToken cancellationToken) => new(true);

    public ValueTask<DirectoryRead> ReadAsync(string negotiation, string? knownVersion, CancellationToken cancellationToken) =>
        new(negotiation == Company.Negotiation
            ? new DirectoryRead(DirectoryReadStatus.Found, _document, "1")
            : new DirectoryRead(DirectoryReadStatus.NotFound, default, null));

    public ValueTask<IReadOnlySet<string>?> ListAsync(int max, CancellationToken cancellationToken) =>
        new(new HashSet<string> { Company.Negotiation });

    public ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken) =>
        new(_keys.TryGetValue(key.Text, out var found) ? new KeyLookup(KeyStatus.Usable, found) : KeyStatus.Unknown);

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        foreach (var key in _keys.Values) key.Dispose();
    }

    private static Dictionary<string, string?> Settings()
    {
        // All of it in its place after each commit: the tools are shown what lies in the store.
        var settings = new Dictionary<string, string?>
        {
            ["Relay:Ledger:RelayName"] = Company.RelayName,
            ["Relay:Ledger:PublishBeyond"] = "0",
            ["Relay:Ledger:MarkDelay"] = "00:00:00",
        };
        var topics = Company.Delegations.Append("mute").ToArray();
        for (var i = 0; i < topics.Length; i++) settings[$"Relay:Directory:Topics:{i}"] = "delegation-" + topics[i];
        return settings;
    }
}

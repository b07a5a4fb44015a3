using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Relay.Benchmarks.Ledger;
using Relay.Core;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Store;
using Relay.Core.Verification;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Benchmarks.Pipeline;

/// <summary>
/// The pipeline up to the commit, from bytes to an admitted envelope, against a loop of
/// <see cref="ECDsa.VerifyData(ReadOnlySpan{byte}, ReadOnlySpan{byte}, HashAlgorithmName)"/>
/// over the same signing input with the same key, in alternating slices on one thread.
/// </summary>
internal sealed class PipelineBench : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly RelayPipeline _pipeline;
    private readonly IReadOnlyList<byte[]> _wires;
    private readonly BenchKeys _keys;
    private readonly ECDsa _key;
    private readonly byte[] _signingInput;
    private readonly byte[] _signature;
    private int _next;

    private PipelineBench(BenchNegotiation negotiation, IReadOnlyList<byte[]> wires)
    {
        _keys = new BenchKeys(negotiation);
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IDirectoryDocumentSource>(new OneDocument(negotiation.Document))
            .AddSingleton<IPublicKeySource>(_keys)
            .AddSingleton<IEnvelopeForwarder>(new NowhereForwarder())
            .AddSingleton<ILedgerStore, BenchLedgerStore>()
            .AddSingleton<ICheckpointCertifier, BenchVault>()
            .AddSingleton<ILedgerSignals>(new NoSignals())
            .AddRelayCore(new ConfigurationBuilder().Build())
            .BuildServiceProvider();
        _pipeline = _services.GetRequiredService<RelayPipeline>();
        _wires = wires;
        _key = negotiation.MediatorKeys[0].CreateECDsa();
        _signingInput = SigningInput(wires[0]);
        _signature = _key.SignData(_signingInput, HashAlgorithmName.SHA256);
    }

    /// <summary>One envelope with one signature of its own, examined again and again.</summary>
    public static Task<PipelineBench> CreateAsync(int contentBytes, TimeProvider time, CancellationToken cancellationToken) =>
        CreateAsync(contentBytes, mediators: 1, batch: 1, envelopes: 1, time, cancellationToken);

    /// <summary>Several envelopes, examined in turns, with signatures in batches of a size.</summary>
    public static async Task<PipelineBench> CreateAsync(
        int contentBytes, int mediators, int batch, int envelopes, TimeProvider time, CancellationToken cancellationToken)
    {
        var negotiation = BenchNegotiation.Create(mediators);
        return new PipelineBench(
            negotiation, await negotiation.BatchesAsync(envelopes, contentBytes, batch, time, cancellationToken));
    }

    /// <summary>Bytes of the first envelope on the wire.</summary>
    public int EnvelopeBytes => _wires[0].Length;

    /// <summary>One envelope through every step before the commit.</summary>
    /// <exception cref="InvalidOperationException">It was not admitted: nothing measured would mean anything.</exception>
    public async Task ExamineAsync(CancellationToken cancellationToken)
    {
        if (_next == _wires.Count)
        {
            _next = 0;
            // Else every batch were known from the turn before.
            if (_wires.Count > 1) _keys.Renew();
        }
        var examination = await _pipeline.ExamineAsync(_wires[_next++], DirectoryShare.Queue, cancellationToken);
        if (!examination.IsAdmitted)
        {
            throw new InvalidOperationException(
                $"expected the envelope to be admitted, got {examination.Ruling.Verdict}: {examination.Ruling.Description}");
        }
    }

    /// <summary>One bare verification of the same signature.</summary>
    /// <exception cref="InvalidOperationException">The signature does not verify.</exception>
    public void VerifyBare()
    {
        if (!_key.VerifyData(_signingInput, _signature, HashAlgorithmName.SHA256))
        {
            throw new InvalidOperationException("expected the signature to verify");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _key.Dispose();
        _keys.Dispose();
        await _services.DisposeAsync();
    }

    private static byte[] SigningInput(byte[] wire)
    {
        using var json = System.Text.Json.JsonDocument.Parse(wire);
        var signature = json.RootElement.GetProperty("signatures")[0];
        var input = $"{signature.GetProperty("protected").GetString()}.{json.RootElement.GetProperty("payload").GetString()}";
        return System.Text.Encoding.ASCII.GetBytes(input);
    }

    private sealed class OneDocument(byte[] document) : IDirectoryDocumentSource
    {
        public ValueTask<DirectoryRead> ReadAsync(string negotiation, string? knownVersion, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new DirectoryRead(DirectoryReadStatus.Found, document, "1"));

        public ValueTask<IReadOnlySet<string>?> ListAsync(int max, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlySet<string>?>(null);
    }

    private sealed class BenchKeys : IPublicKeySource, IDisposable
    {
        private readonly BenchNegotiation _negotiation;
        private readonly KeyLookup[] _lookups;

        public BenchKeys(BenchNegotiation negotiation)
        {
            _negotiation = negotiation;
            _lookups = new KeyLookup[negotiation.MediatorKeys.Count];
            Renew();
        }

        /// <summary>The same keys, of which nothing is known to be signed yet.</summary>
        public void Renew()
        {
            Dispose();
            for (var i = 0; i < _lookups.Length; i++)
            {
                _lookups[i] = VerificationKey.TryCreate(_negotiation.MediatorKeys[i].Public, out var key, out var error)
                    ? new KeyLookup(KeyStatus.Usable, key)
                    : throw new InvalidOperationException(error);
            }
        }

        public ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken)
        {
            for (var i = 0; i < _lookups.Length; i++)
            {
                if (_negotiation.KeyIds[i] == key.Text) return ValueTask.FromResult(_lookups[i]);
            }
            return ValueTask.FromResult<KeyLookup>(KeyStatus.Unknown);
        }

        public void Dispose()
        {
            foreach (var lookup in _lookups) lookup.Key?.Dispose();
        }
    }

    private sealed class NowhereForwarder : IEnvelopeForwarder
    {
        public ValueTask<SendOutcome> ForwardAsync(OutboundEnvelope envelope, CancellationToken cancellationToken) =>
            ValueTask.FromResult(SendOutcome.Accepted);
    }
}

using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Relay.Benchmarks.Ledger;
using Relay.Core;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Rules;
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
    private readonly byte[] _wire;
    private readonly ECDsa _key;
    private readonly byte[] _signingInput;
    private readonly byte[] _signature;

    private PipelineBench(BenchNegotiation negotiation, byte[] wire, PrivateJwk key)
    {
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IDirectoryDocumentSource>(new OneDocument(negotiation.Document))
            .AddSingleton<IPublicKeySource>(new OneKey(key))
            .AddSingleton<IEnvelopeForwarder>(new NowhereForwarder())
            .AddSingleton<ILedgerStore, BenchLedgerStore>()
            .AddSingleton<ICheckpointCertifier, BenchVault>()
            .AddSingleton<ILedgerSignals>(new NoSignals())
            .AddRelayCore(new ConfigurationBuilder().Build())
            .BuildServiceProvider();
        _pipeline = _services.GetRequiredService<RelayPipeline>();
        _wire = wire;
        _key = key.CreateECDsa();
        (_signingInput, _signature) = SplitJws(wire);
    }

    public static async Task<PipelineBench> CreateAsync(int contentBytes, TimeProvider time, CancellationToken cancellationToken)
    {
        var negotiation = BenchNegotiation.Create(mediators: 1);
        var wire = await negotiation.EnvelopeAsync(1, contentBytes, time, cancellationToken);
        return new PipelineBench(negotiation, wire, negotiation.MediatorKeys[0]);
    }

    /// <summary>Bytes of the envelope on the wire.</summary>
    public int EnvelopeBytes => _wire.Length;

    /// <summary>One envelope through every step before the commit.</summary>
    /// <exception cref="InvalidOperationException">It was not admitted: nothing measured would mean anything.</exception>
    public async Task ExamineAsync(CancellationToken cancellationToken)
    {
        var examination = await _pipeline.ExamineAsync(_wire, DirectoryShare.Queue, cancellationToken);
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
        await _services.DisposeAsync();
    }

    private static (byte[] SigningInput, byte[] Signature) SplitJws(byte[] wire)
    {
        using var json = System.Text.Json.JsonDocument.Parse(wire);
        var signature = json.RootElement.GetProperty("signatures")[0];
        var input = $"{signature.GetProperty("protected").GetString()}.{json.RootElement.GetProperty("payload").GetString()}";
        return (
            System.Text.Encoding.ASCII.GetBytes(input),
            System.Buffers.Text.Base64Url.DecodeFromChars(signature.GetProperty("signature").GetString()));
    }

    private sealed class OneDocument(byte[] document) : IDirectoryDocumentSource
    {
        public ValueTask<DirectoryRead> ReadAsync(string negotiation, string? knownVersion, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new DirectoryRead(DirectoryReadStatus.Found, document, "1"));

        public ValueTask<IReadOnlySet<string>?> ListAsync(int max, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlySet<string>?>(null);
    }

    private sealed class OneKey : IPublicKeySource
    {
        private readonly KeyLookup _lookup;

        public OneKey(PrivateJwk key) => _lookup = VerificationKey.TryCreate(key.Public, out var verification, out var error)
            ? new KeyLookup(KeyStatus.Usable, verification)
            : throw new InvalidOperationException(error);

        public ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken) => ValueTask.FromResult(_lookup);
    }

    private sealed class NoSignals : ILedgerSignals
    {
        public ValueTask<bool> SendAsync(LedgerSignal signal, CancellationToken cancellationToken) => ValueTask.FromResult(true);
    }

    private sealed class NowhereForwarder : IEnvelopeForwarder
    {
        public ValueTask<SendOutcome> ForwardAsync(OutboundEnvelope envelope, CancellationToken cancellationToken) =>
            ValueTask.FromResult(SendOutcome.Accepted);
    }
}

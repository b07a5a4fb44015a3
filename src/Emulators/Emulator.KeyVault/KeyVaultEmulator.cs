using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Emulator.Hosting;
using Emulator.KeyVault.Diagnostics;
using Emulator.KeyVault.Http;
using Emulator.KeyVault.Storage;

namespace Emulator.KeyVault;

/// <summary>
/// The keys part of a Key Vault on this machine: REST over HTTPS with a certificate of its own. For development and tests: it lets in any
/// well-formed token and keeps private keys in clear.
/// </summary>
/// <remarks>Safe for concurrent use. Dispose it to free the port and the state folder.</remarks>
public sealed class KeyVaultEmulator : IAsyncDisposable
{
    private const string Subject = "CN=Relay Key Vault emulator";

    private readonly ILogger _logger;
    private readonly string _certificateFolder;

    private readonly StateFolder? _state;

    // Made by StartAsync in this order and freed in the other; null as far as it did not come.
    private KeyStore? _store;
    private X509Certificate2? _certificate;
    private VaultHost? _host;
    private int _disposed;

    private KeyVaultEmulator(ILogger logger, string? stateFolder)
    {
        _logger = logger;
        _state = stateFolder is null ? null : StateFolder.Open(stateFolder);
        _certificateFolder = _state?.Root ?? Directory.CreateTempSubdirectory("relay-keyvault-").FullName;
        CertificatePath = Path.Combine(_certificateFolder, "certificate.pem");
    }

    /// <summary>Such as <c>https://localhost:49152/</c>; also the start of every key's id.</summary>
    public Uri VaultUri { get; private set; } = null!;

    /// <summary>The port that it listens on; that of <see cref="VaultUri"/> unless another is advertised.</summary>
    public int ListeningPort { get; private set; }

    /// <summary>SHA-256 of the server's DER certificate, 64 lower-case hexadecimal digits: what clients pin.</summary>
    public string CertificateThumbprint { get; private set; } = null!;

    /// <summary>
    /// File with the server's certificate, PEM, without its private key: for
    /// clients that take a root, such as Node with NODE_EXTRA_CA_CERTS.
    /// In the state folder; without one, in a temporary folder that is deleted at the end.
    /// </summary>
    public string CertificatePath { get; }

    /// <summary>Loads what is kept and listens: requests are answered when the task completes.</summary>
    /// <exception cref="ArgumentException">The address is not a loopback address, or the port out of range.</exception>
    /// <exception cref="InvalidDataException">A file in the state folder cannot be read; the message names it.</exception>
    /// <exception cref="IOException">The port is taken, or another emulator holds the state folder.</exception>
    public static async Task<KeyVaultEmulator> StartAsync(KeyVaultEmulatorOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Port, (int)ushort.MaxValue);
        if (!IPAddress.IsLoopback(options.Address))
        {
            throw new ArgumentException(
                $"Expected a loopback address, got {options.Address}: the emulator lets in any token.", nameof(options));
        }

        var emulator = new KeyVaultEmulator(options.LoggerFactory.CreateLogger<KeyVaultEmulator>(), options.StateFolder);
        try
        {
            await emulator.ListenAsync(options, cancellationToken).ConfigureAwait(false);
            return emulator;
        }
        catch
        {
            await emulator.FreeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops listening, lets requests under way finish, and frees everything. Later calls do nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await FreeAsync().ConfigureAwait(false);
        KeyVaultLog.Stopped(_logger, VaultUri);
    }

    private async Task ListenAsync(KeyVaultEmulatorOptions options, CancellationToken cancellationToken)
    {
        var time = options.TimeProvider;
        _store = KeyStore.Open(_state, time);
        _certificate = LoadCertificate(time);
        CertificateThumbprint = ServerCertificate.ThumbprintOf(_certificate);
        ServerCertificate.Publish(_certificate, CertificatePath);

        _host = await VaultHost.ListenAsync(
            new(options.Address, options.Port), _certificate, options.LoggerFactory, cancellationToken).ConfigureAwait(false);
        ListeningPort = _host.Port;
        VaultUri = new Uri($"https://localhost:{options.AdvertisedPort ?? ListeningPort}/");
        var bundles = new KeyBundles(VaultUri);
        _host.Open(new(
            new KeyManagement(_store, bundles, _logger),
            new KeyCryptography(_store, bundles, time),
            new KeyLists(_store, bundles, VaultUri),
            time,
            options.IsBusy,
            _logger));
        KeyVaultLog.Started(_logger, VaultUri, CertificateThumbprint, _store.Count, _state?.Root ?? "memory");
    }

    private X509Certificate2 LoadCertificate(TimeProvider time)
    {
        if (_state is null) return ServerCertificate.Create(Subject, [], time.GetUtcNow());
        var (certificate, isNew) = ServerCertificate.LoadOrCreate(_state.Server, Subject, [], time.GetUtcNow());
        if (isNew)
        {
            KeyVaultLog.CertificateMade(_logger, ServerCertificate.ThumbprintOf(certificate), certificate.NotAfter.ToUniversalTime());
        }
        return certificate;
    }

    private async Task FreeAsync()
    {
        if (_host is not null) await _host.DisposeAsync().ConfigureAwait(false);
        _certificate?.Dispose();
        _store?.Dispose();
        if (_state is null)
        {
            Directory.Delete(_certificateFolder, recursive: true);
        }
        else
        {
            _state.Dispose();
        }
    }
}

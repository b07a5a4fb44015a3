using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Emulator.Hosting;

namespace Emulator.KeyVault.Http;

/// <summary>The HTTPS listener. Reads no configuration and no environment, so that nothing outside changes where it listens.</summary>
internal sealed class VaultHost : IAsyncDisposable
{
    private const int MaxConnections = 1_000;

    // How long requests under way may take to finish once the server stops. Making a large RSA key is the longest of them.
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(5);
    private readonly WebApplication _application;

    // Set once the port is known, which the addresses in answers contain. Requests that come sooner wait for it.
    private readonly TaskCompletionSource<VaultRequests> _requests = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private VaultHost(IPEndPoint endpoint, X509Certificate2 certificate, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Drain);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = VaultRequests.MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        });
        LoopbackSockets.Listen(
            builder.WebHost,
            endpoint,
            listen => listen.UseHttps(certificate, https => https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13));
        _application = builder.Build();
        new LocalCallers(endpoint.Address, []).Guard(_application);
        _application.Run(HandleAsync);
    }

    /// <param name="endpoint">Port 0 takes any.</param>
    /// <param name="certificate">With private key; not disposed here.</param>
    /// <param name="loggers">Of the server's own messages.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<VaultHost> ListenAsync(
        IPEndPoint endpoint, X509Certificate2 certificate, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var host = new VaultHost(endpoint, certificate, loggers);
        try
        {
            await host._application.StartAsync(cancellationToken).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public int Port => new Uri(_application.Urls.First()).Port;

    /// <summary>Lets requests through.</summary>
    public void Open(VaultRequests requests) => _requests.SetResult(requests);

    public async ValueTask DisposeAsync()
    {
        // Requests that still wait are of a start that failed.
        _requests.TrySetCanceled();
        await _application.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }

    private async Task HandleAsync(HttpContext context)
    {
        var requests = await _requests.Task.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        await requests.HandleAsync(context).ConfigureAwait(false);
    }
}

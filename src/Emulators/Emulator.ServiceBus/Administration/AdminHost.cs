using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Emulator.Amqp.Transport;
using Emulator.Hosting;
using Emulator.ServiceBus.Diagnostics;

namespace Emulator.ServiceBus.Administration;

/// <summary>
/// The admin port, HTTP, HTTPS and AMQP: the ATOM surface for requests with an <c>api-version</c>, and for those without it health, status
/// and AMQP over WebSockets. Reads no configuration and no environment, so that nothing outside changes where it listens.
/// </summary>
internal sealed class AdminHost : IAsyncDisposable
{
    // How long requests under way may take to finish once the server stops. Emptying a large entity is the longest of them.
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(5);
    private readonly WebApplication _application;
    private readonly AdminCertificate _certificate;
    private readonly RateWindow _rates;

    private AdminHost(WebApplication application, AdminCertificate certificate, RateWindow rates)
    {
        _rates = rates;
        _application = application;
        _certificate = certificate;
    }

    /// <summary>Bound port.</summary>
    public int Port => new Uri(_application.Urls.First()).Port;

    /// <summary>File with the server's certificate, PEM.</summary>
    public string CertificatePath => _certificate.PublicPath;

    /// <param name="endpoint">Port 0 takes any.</param>
    /// <param name="callers">Who may ask.</param>
    /// <param name="certificate">For peers that speak TLS. Disposed with the host.</param>
    /// <param name="rates">What the status page reads. Disposed with the host.</param>
    /// <param name="maxConnections">HTTP connections at once, upgraded ones counted apart.</param>
    /// <param name="amqp">Serves the connections that speak AMQP instead.</param>
    /// <param name="loggers">Of the server's own messages.</param>
    /// <param name="handler">Takes every request.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<AdminHost> ListenAsync(
        IPEndPoint endpoint, LocalCallers callers, AdminCertificate certificate, RateWindow rates, int maxConnections, AmqpListener amqp, ILoggerFactory loggers,
        RequestDelegate handler, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Drain);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = AdminRequests.MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = maxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = maxConnections;
        });
        LoopbackSockets.Listen(builder.WebHost, endpoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.UseTlsOrPlain(certificate.Certificate);
            listen.UseAmqpOrHttp(amqp, maxConnections);
        });
        var application = builder.Build();
        callers.Guard(application);
        application.UseWebSockets();
        application.Run(handler);
        var host = new AdminHost(application, certificate, rates);
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        _certificate.Dispose();
        _rates.Dispose();
    }
}

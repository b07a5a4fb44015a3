using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Emulator.FunctionsHost.Indexing;
using Emulator.FunctionsHost.Invocation;
using Emulator.FunctionsHost.Worker;
using Emulator.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Emulator.FunctionsHost.Triggers.Http;

/// <summary>The HTTP and HTTPS listeners that clients of the app use, on loopback.</summary>
internal sealed class HttpFront : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _client;
    private readonly RequestGate _gate;

    private HttpFront(WebApplication app, HttpMessageInvoker client, RequestGate gate)
    {
        _app = app;
        _client = client;
        _gate = gate;
    }

    public Uri HttpAddress { get; private set; } = null!;

    public Uri? HttpsAddress { get; private set; }

    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<HttpFront> StartAsync(
        HttpFrontOptions options, WorkerSupervisor workers, FunctionInvoker invoker, IEnumerable<FunctionDescriptor> functions, CancellationToken cancelling,
        CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options.Loggers);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);
        builder.Services.AddRoutingCore();
        builder.Services.AddHttpForwarder();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
        });
        Listen(builder.WebHost, options);
        var client = WorkerHttpClient.Create(options.Time);
        var front = new HttpFront(builder.Build(), client, new RequestGate(options.MaxConcurrentRequests, options.MaxOutstandingRequests));
        try
        {
            new LocalCallers(IPAddress.Loopback, []).Guard(front._app);
            var forwarder = front._app.Services.GetRequiredService<IHttpForwarder>();
            var http = new HttpFunctions(
                workers, invoker, forwarder, client, new FunctionKey(options.FunctionKey), front._gate, options.BodyLimit,
                options.Loggers.CreateLogger<HttpFunctions>(), cancelling);
            foreach (var function in functions.Where(function => function.Trigger is HttpTriggerDescriptor))
            {
                http.Map(front._app, function);
            }

            await front._app.StartAsync(cancellationToken).ConfigureAwait(false);
            front.ReadAddresses();
            return front;
        }
        catch
        {
            await front.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Takes no more requests and waits for those under way, and for invocations whose requests were answered before they ended.
    /// </summary>
    /// <exception cref="OperationCanceledException">Some of those have not ended.</exception>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _app.StopAsync(cancellationToken).ConfigureAwait(false);
        await _gate.EndAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        _client.Dispose();
        await _gate.DisposeAsync().ConfigureAwait(false);
    }

    private static void Listen(IWebHostBuilder server, HttpFrontOptions options)
    {
        LoopbackSockets.Listen(
            server, new IPEndPoint(IPAddress.Loopback, options.HttpPort), listen => listen.Protocols = HttpProtocols.Http1);
        if (options.ServerCertificate is { } certificate)
        {
            LoopbackSockets.Listen(server, new IPEndPoint(IPAddress.Loopback, options.HttpsPort), listen => UseHttps(listen, certificate));
        }
    }

    // As the platform's front end with optional client certificates: asks for one, and takes any, even one that nobody knows.
    private static void UseHttps(ListenOptions listen, X509Certificate2 certificate) => listen.UseHttps(https =>
    {
        https.ServerCertificate = certificate;
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        https.AllowAnyClientCertificate();

        // A thousand clients that connect at once keep two cores busy with nothing else for longer than the usual 10 s.
        https.HandshakeTimeout = TimeSpan.FromSeconds(60);
    });

    private void ReadAddresses()
    {
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        HttpAddress = new Uri(addresses.First(address => address.StartsWith("http://", StringComparison.Ordinal)));
        HttpsAddress = addresses.FirstOrDefault(address => address.StartsWith("https://", StringComparison.Ordinal)) is { } secure
            ? new Uri(secure)
            : null;
    }
}

/// <summary>How the front listens.</summary>
/// <param name="HttpPort">0 for any free one; <paramref name="HttpsPort"/> likewise.</param>
/// <param name="ServerCertificate">Null: no HTTPS.</param>
/// <param name="FunctionKey">Null: open.</param>
/// <param name="BodyLimit">Longest request body, in bytes.</param>
/// <param name="MaxConcurrentRequests">See <see cref="RequestGate"/>, <paramref name="MaxOutstandingRequests"/> likewise.</param>
internal sealed record HttpFrontOptions(
    int HttpPort, int HttpsPort, X509Certificate2? ServerCertificate, string? FunctionKey, long BodyLimit, int MaxConcurrentRequests,
    int MaxOutstandingRequests, TimeSpan ShutdownTimeout, ILoggerFactory Loggers, TimeProvider Time);

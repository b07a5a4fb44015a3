using System.Net;
using Emulator.FunctionsHost.Triggers.ServiceBus;
using Emulator.FunctionsHost.Worker;
using Emulator.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost;

/// <summary>Where workers call: the host-worker protocol and the settlement service on one port of loopback, HTTP/2 without TLS.</summary>
internal sealed class GrpcListener : IAsyncDisposable
{
    // A batch may settle as many messages at once.
    private const int MaxStreams = 1_000;
    private const int ConnectionWindow = 4 * 1_024 * 1_024;
    private const int StreamWindow = 1_024 * 1_024;

    private readonly WebApplication _app;

    private GrpcListener(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public static async Task<GrpcListener> StartAsync(
        FunctionRpcService workers, SettlementService settlement, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.AddSingleton(workers);
        builder.Services.AddSingleton(settlement);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(grpc => (grpc.MaxReceiveMessageSize, grpc.MaxSendMessageSize) = (null, null));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Listen);
        var listener = new GrpcListener(builder.Build());
        listener._app.MapGrpcService<FunctionRpcService>();
        listener._app.MapGrpcService<SettlementService>();
        try
        {
            await listener._app.StartAsync(cancellationToken).ConfigureAwait(false);
            return listener;
        }
        catch
        {
            await listener.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    // A listener of its own: without TLS there is nothing to tell HTTP/1.1 and HTTP/2 apart by.
    private static void Listen(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreams;
        kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindow;
        kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindow;
        kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
    }
}

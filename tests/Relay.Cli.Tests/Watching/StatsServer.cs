using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Relay.Local;
using Relay.Testing;

namespace Relay.Cli.Tests.Watching;

/// <summary>
/// A relay that has counted the same for ever, in place of a local stack: its state folder says where it is, and it answers what operators
/// ask of stats.
/// </summary>
internal sealed class StatsServer : IAsyncDisposable
{
    // 2026-12-01T09:00:00Z.
    private const long At = 1_796_115_600_000;

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<TaskCompletionSource> _asked = new();
    private readonly X509Certificate2 _certificate = Certificate();
    private readonly WebApplication _app;
    private volatile int _more;

    private StatsServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = _certificate;
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = static (_, _, _) => true;
        })));
        builder.WebHost.UseKestrelHttpsConfiguration();
        _app = builder.Build();
        _app.MapGet("/api/stats", () => Results.Text(All(), "application/json"));
        _app.MapGet("/api/negotiations/doha-2026/stats", () => Results.Text(One(), "application/json"));
        _app.MapGet("/api/negotiations/doha-2026/mode", static () => Results.Text("""{"mode":"read-only"}""", "application/json"));
    }

    /// <summary>What <c>--state</c> names.</summary>
    public string State => _folder.Path;

    public static async Task<StatsServer> StartAsync()
    {
        var server = new StatsServer();
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        var url = new Uri(server._app.Urls.Single());
        var certificate = server._folder.Write("server.crt", server._certificate.ExportCertificatePem());
        var endpoints = new LocalEndpoints("", url, url, "", certificate, url, certificate, Environment.ProcessId);
        server._folder.Write("endpoints.json", JsonSerializer.Serialize(endpoints, JsonSerializerOptions.Web));
        return server;
    }

    /// <summary>Counts more from now on; done when somebody has been told so.</summary>
    public Task CountMoreAsync()
    {
        _more++;
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Enqueue(asked);
        return TestDeadline.Within(asked.Task);
    }

    /// <summary>Answers nobody any more.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    private string All()
    {
        while (_asked.TryDequeue(out var asked)) asked.TrySetResult();
        return $$"""
            {"at":{{At}},"whole":true,"workers":2,"worker":{"underWay":12,"stalled":0,"down":["vault"]},"lastHour":{},"minutes":[],
             "negotiations":[
              {"negotiation":"doha-2026","in":{{240 + (100 * _more)}},"out":236,"held":2,"delayed":4,"refused":23,"p50":0.052,"p99":0.21},
              {"negotiation":"muscat-2027","in":51,"out":51,"held":0,"delayed":0,"refused":0,"p50":0.031,"p99":12.5},
              {"negotiation":"geneva-of-the-long-name","in":7,"out":7,"held":1,"delayed":0,"refused":2,"p50":0.9,"p99":0.9},
              {"negotiation":"-","in":3,"out":0,"held":0,"delayed":0,"refused":3}],
             "more":7}
            """;
    }

    private static string One()
    {
        const string Sums =
            """
            "in":240,"out":236,"held":2,"pending":1,"duplicates":12,"delayed":4,"refused":23,
            "reasons":[{"reason":"quorum-not-met","queued":3,"submitted":2},{"reason":"expired","queued":18,"submitted":0}],
            "latency":[{"lane":"normal","count":230,"p50":0.052,"p99":0.21,"buckets":[{"upTo":0.052,"count":200},{"upTo":0.21,"count":30}]},
                       {"lane":"urgent","count":6,"p50":0.021,"p99":0.025,"buckets":[{"upTo":0.025,"count":6}]}],
            "sizes":[{"upTo":1024,"count":200},{"upTo":8192,"count":35},{"count":1}]
            """;
        var minutes = string.Join(',', Enumerable.Range(0, 20).Select(
            i => $$"""{"from":{{At - (i * 120_000)}},"in":{{1 + (i * i % 17)}},"out":1,"delayed":0,"refused":0}"""));
        return $$"""
            {"negotiation":"doha-2026","at":{{At}},"whole":true,"lastHour":{ {{Sums}} },"lastDay":{ {{Sums}} },
             "minutes":[{{minutes}}],"hours":[],
             "embargoed":[{"until":{{At + 3_600_000}},"count":2}],
             "ledger":{"size":1234,"commit":456,"at":{{At - 98_000}},"held":3,"outstanding":1,
               "streams":[{"sender":"us","lane":"normal","last":16,"held":3,"missing":17},
                          {"sender":"iran","lane":"urgent","last":40,"held":0}] } }
            """;
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
        _folder.Dispose();
    }
}

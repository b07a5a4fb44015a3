using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Relay.Cli.Tests.DeadLetters;
using Relay.Core;
using Relay.Core.Directory;
using Relay.Core.Pending;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Reading;
using Relay.Core.Tests;
using Relay.Core.Tests.Ledger.Commit;
using Relay.DeadLetters;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Functions.Live;
using Relay.Functions.Middleware;
using Relay.Functions.Operating;
using Relay.Functions.Reading;
using Relay.Functions.Tests.Middleware;
using Relay.Functions.Tests.Operations;
using Relay.Protocol.Envelopes;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Functions.Tests.Reading;

/// <summary>The read endpoints over a ledger in memory; the negotiation's document names one certificate and one object id.</summary>
internal sealed class ReadingFixture : IAsyncDisposable
{
    public static readonly Guid ObjectId = Guid.Parse("6f1c2b8e-7a55-4d0e-9a3e-2f0a4b8f5c11");

    /// <summary>What writing an answer needs of the app it is written in.</summary>
    public static readonly IServiceProvider AnswerServices = new ServiceCollection().AddLogging().BuildServiceProvider();

    /// <summary>As many look at once as may, here.</summary>
    public const int MaxViewers = 200;

    private readonly ServiceProvider _services;
    private readonly CheckpointKeyRing _keys;

    public ReadingFixture()
    {
        Certificate = Make("CN=iran");
        Stranger = Make("CN=iran");
        OtherMember = Make("CN=us");
        Operator = Make("CN=operator");
        Operators.Certificates.Add(Convert.ToHexStringLower(HashOf(Operator)));
        Ledger = new StoredLedger(Store, Certifier, TestNegotiation.Name);
        _keys = new CheckpointKeyRing(Certifier);
        Reader = new LedgerReader(Store, _keys, StoredLedger.RelayName, TimeSpan.FromSeconds(10), Time);
        var document = JsonNode.Parse(TestNegotiation.Document())!;
        document["delegations"]!["iran"]!["callers"] = new JsonArray(Convert.ToHexStringLower(HashOf(Certificate)));
        document["delegations"]!["us"]!["callers"] = new JsonArray(ObjectId.ToString());
        Source.Answer = (name, _) => name == TestNegotiation.Name
            ? FakeDirectorySource.Found(System.Text.Encoding.UTF8.GetBytes(document.ToJsonString()))
            : new DirectoryRead(DirectoryReadStatus.NotFound, default, null);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<IDirectoryDocumentSource>(Source);
        services.AddSingleton<Relay.Core.Verification.IPublicKeySource>(Keys);
        services.AddSingleton<Relay.Core.Forwarding.IEnvelopeForwarder>(new FakeForwarder());
        services.AddSingleton<Relay.Core.Settlement.IEnvelopeQueue>(Queue);
        services.AddSingleton<Relay.Core.Ledger.Store.ILedgerStore>(Store);
        services.AddSingleton<ICheckpointCertifier>(Certifier);
        services.AddSingleton<Relay.Core.Ledger.Commit.ILedgerSignals>(new RecordingSignals());
        services.AddSingleton(Reader);
        services.AddSingleton<SignalReader>();
        services.AddSingleton<StatsReader>();
        services.AddSingleton<LiveFeeds>();
        services.Configure<LiveOptions>(options => options.MaxViewers = MaxViewers);
        services.AddUnhurriedStrangers();
        services.AddSingleton(_ => new DeadLetterOffice(
            DeadLetters,
            "bus.example",
            () => OperatorLog ?? throw new OperatorLogMissingException("expected a place for the operators' log, got none"),
            (_, head, _) =>
            {
                ToldHeads.Enqueue(head);
                return Task.CompletedTask;
            },
            Time));
        services.AddSingleton<DeadLetterActs>();
        services.AddSingleton<DeadLetterTopics>();
        services.AddSingleton(_ => Endpoint);
        services.AddRelayCore(new ConfigurationBuilder().Build());
        _services = services.BuildServiceProvider();
    }

    public ManualTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(56));

    public MemoryLedgerStore Store { get; } = new();

    public LocalCertifier Certifier { get; } = new();

    public StoredLedger Ledger { get; }

    public LedgerReader Reader { get; }

    public FakeDirectorySource Source { get; } = new();

    public FakeKeySource Keys { get; } = new();

    /// <summary>Named by the document.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The same subject, another key.</summary>
    public X509Certificate2 Stranger { get; }

    /// <summary>For a document of another negotiation to name.</summary>
    public X509Certificate2 OtherMember { get; }

    /// <summary>Pinned by the settings as an operator's; no member.</summary>
    public X509Certificate2 Operator { get; }

    /// <summary>Lines of decisions about calls.</summary>
    public RecordingLogger<CallTelemetry> Decisions { get; } = new();

    public FakeQueue Queue { get; } = new(new Acts());

    /// <summary>What operators see and change.</summary>
    public MemoryDeadLetters DeadLetters { get; } = new();

    /// <summary>Where the operators' log is; null for no place.</summary>
    public MemoryLedgerStore? OperatorLog { get; set; } = new();

    /// <summary>Heads of the operators' log that were told.</summary>
    public ConcurrentQueue<OperatorLogHead> ToldHeads { get; } = new();

    public CallerOptions Options { get; } = new();

    /// <summary>What the platform says of itself.</summary>
    public Dictionary<string, string?> Platform { get; } = [];

    /// <summary>The authority of tokens; null for none.</summary>
    public IConfigurationManager<OpenIdConnectConfiguration>? Authority { get; set; }

    public OperatorOptions Operators { get; } = new();

    public static LedgerEndpoint Endpoint => new(NullLogger<LedgerEndpoint>.Instance);

    public CallerReader Callers => new(
        new AccessTokens(Microsoft.Extensions.Options.Options.Create(Options), Authority, Time),
        Microsoft.Extensions.Options.Options.Create(Options),
        Microsoft.Extensions.Options.Options.Create(Operators),
        new ConfigurationBuilder().AddInMemoryCollection(Platform).Build(),
        Time);

    public ReadLedger ReadLedger => new(Endpoint, Reader);

    public ReadEnvelope ReadEnvelope => new(Endpoint, Reader, _services.GetRequiredService<PendingReader>());

    public RelayPipeline Pipeline => _services.GetRequiredService<RelayPipeline>();

    /// <summary>A function's class over this fixture.</summary>
    public object Create(Type type) => ActivatorUtilities.CreateInstance(_services, type);

    public T Create<T>() => (T)Create(typeof(T));

    /// <summary>A service of this fixture.</summary>
    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>The gate before every function.</summary>
    public CallerMiddleware Gate => new(Guard, new CallTelemetry(Meters, Decisions), _services.GetRequiredService<UnprovedPace>());

    public CallGuard Guard => new(
        Callers,
        _services.GetRequiredService<NegotiationCallers>(),
        _services.GetRequiredService<Relay.Core.Health.DependencyCircuit>());

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    /// <summary>A call as the worker makes it: through the gate, then the function's answer.</summary>
    public Task GateAsync(HttpContext http, string function, string? negotiation, Func<Task<IActionResult>> call)
    {
        var bound = new Dictionary<string, object?>();
        if (negotiation is not null) bound["negotiation"] = negotiation;
        var context = new FakeFunctionContext(http, function, bound, http.RequestAborted);
        return Gate.Invoke(context, async _ => await (await call()).ExecuteResultAsync(new ActionContext { HttpContext = http }));
    }

    /// <summary>The same of a request of the fixture's.</summary>
    public async Task<(HttpResponse Response, byte[] Body)> CallAsync(
        HttpRequest request, string function, string? negotiation, Func<Task<IActionResult>> call)
    {
        await GateAsync(request.HttpContext, function, negotiation, call);
        DeclaredAnswers.Check(function, request.Method, request.HttpContext.Response.StatusCode);
        return (request.HttpContext.Response, ((MemoryStream)request.HttpContext.Response.Body).ToArray());
    }

    public Task CommitAsync(int count) =>
        Ledger.CommitAsync("us", Lane.Normal, count, Time.GetUtcNow(), TestContext.Current.CancellationToken);

    public static HttpRequest Request(X509Certificate2? certificate, string query = "", Action<IHeaderDictionary>? headers = null)
    {
        var context = new DefaultHttpContext { RequestServices = AnswerServices };
        context.Request.Method = HttpMethods.Get;
        context.Connection.ClientCertificate = certificate;
        context.Request.QueryString = new QueryString(query);
        headers?.Invoke(context.Request.Headers);
        context.Response.Body = new MemoryStream();
        return context.Request;
    }

    public static async Task<(HttpResponse Response, byte[] Body)> ExecuteAsync(HttpRequest request, Task<IActionResult> answer)
    {
        await (await answer).ExecuteResultAsync(new ActionContext(request.HttpContext, new RouteData(), new ActionDescriptor()));
        return (request.HttpContext.Response, ((MemoryStream)request.HttpContext.Response.Body).ToArray());
    }

    public static byte[] HashOf(X509Certificate2 certificate) => SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _keys.Dispose();
        Ledger.Dispose();
        Certifier.Dispose();
        Certificate.Dispose();
        Stranger.Dispose();
        Operator.Dispose();
        OtherMember.Dispose();
    }

    private X509Certificate2 Make(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(
            Time.GetUtcNow().AddDays(-1), Time.GetUtcNow().AddDays(30));
    }
}

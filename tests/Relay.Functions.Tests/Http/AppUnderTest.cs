using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Functions.Callers;
using Relay.Functions.Operations;
using Relay.Functions.Tests.Operations;
using Relay.Functions.Tests.Reading;

namespace Relay.Functions.Tests.Http;

/// <summary>
/// Every HTTP function of the app behind a server of this process, found by its attributes: what a client sees, without a host.
/// </summary>
internal sealed class AppUnderTest : IAsyncDisposable
{
    /// <summary>Names the caller of a request; without it there is none.</summary>
    public const string CallerHeader = "Test-Caller";

    /// <summary>A caller for whom the operation is declared: a member, or an operator where no member may.</summary>
    public const string WhoMay = "who may";

    private readonly WebApplication _app;

    // Answers that no function declares.
    private readonly ConcurrentQueue<string> _undeclared;

    private AppUnderTest(WebApplication app, ConcurrentQueue<string> undeclared)
    {
        _app = app;
        _undeclared = undeclared;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(address) };
    }

    public HttpClient Client { get; }

    /// <summary>Functions with an HTTP trigger, each with its trigger: read from the app itself, not by its own list of them.</summary>
    public static IReadOnlyList<(string Name, MethodInfo Method, HttpTriggerAttribute Trigger)> Functions { get; } =
    [
        .. from type in typeof(RelayApplication).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
           let function = method.GetCustomAttribute<FunctionAttribute>()
           where function is not null
           from parameter in method.GetParameters()
           let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
           where trigger is not null
           select (function.Name, method, trigger),
    ];

    public static async Task<AppUnderTest> StartAsync(ReadingFixture fixture)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var undeclared = new ConcurrentQueue<string>();
        foreach (var (name, method, trigger) in Functions)
        {
            RequestDelegate handler = async context =>
            {
                await InvokeAsync(fixture, name, method, context);
                if (DeclaredAnswers.Missing(name, context.Request.Method, context.Response.StatusCode) is { } missing)
                {
                    undeclared.Enqueue(missing);
                }
            };
            var route = "/api/" + trigger.Route;
            _ = trigger.Methods is { Length: > 0 } methods ? app.MapMethods(route, methods, handler) : app.Map(route, handler);
        }

        await app.StartAsync(TestContext.Current.CancellationToken);
        return new AppUnderTest(app, undeclared);
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, Action<HttpRequestMessage>? change = null, string? caller = WhoMay)
    {
        using var request = new HttpRequestMessage(method, path);
        if (caller is not null) request.Headers.Add(CallerHeader, caller);
        change?.Invoke(request);
        // A stream of events has no end to wait for.
        var until = path.Split('?')[0].EndsWith("/events", StringComparison.Ordinal)
            ? HttpCompletionOption.ResponseHeadersRead
            : HttpCompletionOption.ResponseContentRead;
        var answer = await Client.SendAsync(request, until, TestContext.Current.CancellationToken);
        Assert.Empty(_undeclared);
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    // Through the gate, as the worker has it.
    private static Task InvokeAsync(ReadingFixture fixture, string name, MethodInfo method, HttpContext context)
    {
        context.Connection.ClientCertificate = Caller(fixture, context.Request.Headers[CallerHeader].ToString(), name, context);
        return fixture.GateAsync(context, name, context.Request.RouteValues["negotiation"] as string, async () =>
        {
            var arguments = method.GetParameters().Select(parameter => Argument(parameter, context)).ToArray();
            var answer = method.Invoke(fixture.Create(method.DeclaringType!), arguments);
            return answer is Task<IActionResult> task ? await task : (IActionResult)answer!;
        });
    }

    private static X509Certificate2? Caller(ReadingFixture fixture, string name, string function, HttpContext context) => name switch
    {
        WhoMay => HttpFunctions.TryFind(function, out var declared)
            && declared.Find(context.Request.Method)?.Callers == CallerKind.Operator ? fixture.Operator : fixture.Certificate,
        "member" => fixture.Certificate,
        "stranger" or "wrong certificate" => fixture.Stranger,
        "member of another" => fixture.OtherMember,
        "operator" => fixture.Operator,
        _ => null,
    };

    private static object? Argument(ParameterInfo parameter, HttpContext context) => parameter.ParameterType switch
    {
        var type when type == typeof(HttpRequest) => context.Request,
        var type when type == typeof(CancellationToken) => context.RequestAborted,
        _ => context.Request.RouteValues[parameter.Name!] as string,
    };
}

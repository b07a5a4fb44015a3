using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Testing;

namespace Emulator.Functions.Tests.Triggers.Http;

public sealed class HttpTriggerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_ActionResult_IsWritten()
    {
        await using var host = await new TestHost().StartAsync(typeof(Items));
        using var client = Client(host);

        using var response = await client.PostAsJsonAsync("api/items/7?note=hello", new { name = "x" }, Cancel);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("""{"id":7,"note":"hello","body":"{\"name\":\"x\"}"}""", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task Request_Problem_IsProblemJson()
    {
        await using var host = await new TestHost().StartAsync(typeof(Items));
        using var client = Client(host);

        using var response = await client.GetAsync(new Uri("api/problem", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("\"title\":\"taken\"", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_MinimalResult_IsWritten()
    {
        await using var host = await new TestHost().StartAsync(typeof(Items));
        using var client = Client(host);

        Assert.Equal("\"pong\"", await client.GetStringAsync(new Uri("api/ping", UriKind.Relative), Cancel));
    }

    [Theory]
    [InlineData("POST", "api/items/seven", HttpStatusCode.NotFound)]
    [InlineData("POST", "items/7", HttpStatusCode.NotFound)]
    [InlineData("GET", "api/items/7", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "api/nothing", HttpStatusCode.NotFound)]
    public async Task Request_NoSuchRouteOrMethod_IsRefused(string method, string path, HttpStatusCode expected)
    {
        await using var host = await new TestHost().StartAsync(typeof(Items));
        using var client = Client(host);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await client.SendAsync(request, Cancel);

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.MethodNotAllowed)
        {
            Assert.Equal("POST", Assert.Single(response.Content.Headers.Allow));
        }
    }

    [Fact]
    public async Task Request_RoutePrefixOfHostJson_IsObeyed()
    {
        var test = new TestHost { HostJson = """{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } } }""" };
        await using var host = await test.StartAsync(typeof(Items));
        using var client = Client(host);

        Assert.Equal("\"pong\"", await client.GetStringAsync(new Uri("ping", UriKind.Relative), Cancel));
    }

    [Fact]
    public async Task Request_FunctionThrows_Is500WithoutDetails()
    {
        var test = new TestHost();
        await using var host = await test.StartAsync(typeof(Items));
        using var client = Client(host);

        using var response = await client.GetAsync(new Uri("api/fails", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync(Cancel));
        var entry = Assert.Single(test.Logs.Entries, entry => entry.Id == 7103);
        Assert.Equal("secret", Assert.IsType<InvalidTimeZoneException>(entry.Exception).Message);
    }

    [Fact]
    public async Task Request_UnwritableResult_IsWarnedOf()
    {
        var test = new TestHost();
        await using var host = await test.StartAsync(typeof(Items));
        using var client = Client(host);

        Assert.Equal("", await client.GetStringAsync(new Uri("api/text", UriKind.Relative), Cancel));

        Assert.Equal(LogLevel.Warning, Assert.Single(test.Logs.Entries, entry => entry.Id == 7301).Level);
    }

    [Fact]
    public async Task Request_BodyOverTheLimit_Is413()
    {
        await using var host = await new TestHost().StartAsync(typeof(Items));
        using var client = Client(host);
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/items/7");
        request.Content = new HeaderOnlyContent((100 * 1024 * 1024) + 1);
        request.Headers.ExpectContinue = true;

        using var response = await client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Middleware_SeveralOfThem_RunOutsideIn()
    {
        var trail = new Trail();
        var test = new TestHost
        {
            Services = services => services.AddSingleton(trail),
            Configure = worker =>
            {
                worker.UseMiddleware<First>();
                worker.UseWhen(context => context.FunctionDefinition.Name == "Other", (_, _) => throw new InvalidOperationException("not for this one"));
                worker.UseMiddleware(async (context, next) =>
                {
                    trail.Add("second in");
                    await next();
                    trail.Add($"second out {context.GetInvocationResult().Value!.GetType().Name}");
                });
            },
        };
        await using var host = await test.StartAsync(typeof(Traced));
        using var client = Client(host);

        using var response = await client.GetAsync(new Uri("api/traced", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["first in /api/traced", "second in", "function", "second out OkResult", "first out"], trail.Steps);
    }

    [Fact]
    public async Task Middleware_ReplacesTheResult_ThatIsWritten()
    {
        var test = new TestHost
        {
            Configure = worker => worker.UseMiddleware(async (context, next) =>
            {
                try
                {
                    await next();
                }
                catch (InvalidTimeZoneException)
                {
                    context.GetInvocationResult().Value = new StatusCodeResult(418);
                }
            }),
        };
        await using var host = await test.StartAsync(typeof(Items));
        using var client = Client(host);

        using var response = await client.GetAsync(new Uri("api/fails", UriKind.Relative), Cancel);

        Assert.Equal(418, (int)response.StatusCode);
    }

    [Fact]
    public async Task Invocation_Services_AreScopedToIt()
    {
        var test = new TestHost { Services = services => services.AddScoped<Scoped>() };
        await using var host = await test.StartAsync(typeof(ScopedFunction));
        using var client = Client(host);

        var first = await client.GetStringAsync(new Uri("api/scoped", UriKind.Relative), Cancel);
        var second = await client.GetStringAsync(new Uri("api/scoped", UriKind.Relative), Cancel);

        Assert.StartsWith("\"True ", first, StringComparison.Ordinal);
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData("locked", null, null, HttpStatusCode.Unauthorized)]
    [InlineData("locked", "wrong", null, HttpStatusCode.Unauthorized)]
    [InlineData("locked", "", null, HttpStatusCode.Unauthorized)]
    [InlineData("locked", "key", null, HttpStatusCode.NoContent)]
    [InlineData("locked", null, "key", HttpStatusCode.NoContent)]
    [InlineData("open", null, null, HttpStatusCode.NoContent)]
    public async Task Request_KeyConfigured_IsAskedFor(string path, string? header, string? query, HttpStatusCode expected)
    {
        await using var host = await new TestHost { FunctionKey = "key" }.StartAsync(typeof(Keyed));
        using var client = Client(host);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/{path}{(query is null ? "" : $"?code={query}")}");
        if (header is not null)
        {
            request.Headers.Add("x-functions-key", header);
        }

        using var response = await client.SendAsync(request, Cancel);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Request_NoKeyConfigured_IsOpen()
    {
        await using var host = await new TestHost().StartAsync(typeof(Keyed));
        using var client = Client(host);

        using var response = await client.GetAsync(new Uri("api/locked", UriKind.Relative), Cancel);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task Request_ClientGoesAway_SignalsTheFunction()
    {
        var waiting = new Waiting();
        await using var host = await new TestHost { Services = services => services.AddSingleton(waiting) }.StartAsync(typeof(WaitingFunction));
        using var client = Client(host);
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var request = client.GetAsync(new Uri("api/waiting", UriKind.Relative), leave.Token);
        await TestDeadline.Within(waiting.Entered.Task);

        await leave.CancelAsync();

        await TestDeadline.Within(waiting.Cancelled.Task);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    [Fact]
    public async Task Request_TraceParent_ReachesTheFunction()
    {
        var trail = new Trail();
        var test = new TestHost
        {
            Services = services => services.AddSingleton(trail),
            Configure = worker => worker.UseMiddleware((context, next) =>
            {
                trail.Add(context.TraceContext.TraceParent);
                return next();
            }),
        };
        await using var host = await test.StartAsync(typeof(Keyed));
        using var client = Client(host);
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/open");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        using var response = await client.SendAsync(request, Cancel);

        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", Assert.Single(trail.Steps), StringComparison.Ordinal);
    }

    // A busy server takes more than the second after which a client by default sends its body unasked.
    private static HttpClient Client(FunctionsHost host) =>
        new(new SocketsHttpHandler { Expect100ContinueTimeout = TestDeadline.Default }) { BaseAddress = host.HttpAddress };

    private sealed class HeaderOnlyContent(long length) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            throw new InvalidOperationException("The server is to answer before it is sent the body.");

        protected override bool TryComputeLength(out long result)
        {
            result = length;
            return true;
        }
    }

    public sealed class Trail
    {
        private readonly List<string> _steps = [];

        public IReadOnlyList<string> Steps => _steps;

        public void Add(string step) => _steps.Add(step);
    }

    public sealed class First(Trail trail) : IFunctionsWorkerMiddleware
    {
        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            trail.Add($"first in {context.GetHttpContext()!.Request.Path}");
            await next(context);
            trail.Add("first out");
        }
    }

    public sealed class Traced(Trail trail)
    {
        [Function("Traced")]
        public async Task<IActionResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "traced")] HttpRequest request)
        {
            await Task.Yield();
            trail.Add("function");
            return new OkResult();
        }
    }

    public sealed class Scoped
    {
        public Guid Id { get; } = Guid.NewGuid();
    }

    public sealed class ScopedFunction(Scoped scoped)
    {
        [Function("Scoped")]
        public IActionResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "scoped")] HttpRequest request, FunctionContext context)
        {
            var same = ReferenceEquals(scoped, context.InstanceServices.GetRequiredService<Scoped>())
                && ReferenceEquals(scoped, request.HttpContext.RequestServices.GetRequiredService<Scoped>());
            return new JsonResult($"{same} {scoped.Id}");
        }
    }

    public sealed class Waiting
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public sealed class WaitingFunction(Waiting waiting)
    {
        [Function("Waiting")]
        public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "waiting")] HttpRequest request, CancellationToken cancellationToken)
        {
            waiting.Entered.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                waiting.Cancelled.SetResult();
                throw;
            }

            return Results.Ok();
        }
    }

#pragma warning disable CA1822 // Functions are instance methods.
    public sealed class Keyed
    {
        [Function("Locked")]
        public IResult Locked([HttpTrigger(AuthorizationLevel.Function, "get", Route = "locked")] HttpRequest request) => Results.NoContent();

        [Function("Open")]
        public IResult Open([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "open")] HttpRequest request) => Results.NoContent();
    }

    public sealed class Items
    {
        [Function("Put")]
        public async Task<IActionResult> Put(
            [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "items/{id:int}")] HttpRequest request, int id, string? note, CancellationToken cancellationToken)
        {
            using var reader = new StreamReader(request.Body);
            return new AcceptedResult((string?)null, new { id, note, body = await reader.ReadToEndAsync(cancellationToken) });
        }

        [Function("Problem")]
        public IActionResult Problem([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "problem")] HttpRequest request) =>
            new ObjectResult(new ProblemDetails { Title = "taken", Status = 409 }) { StatusCode = 409 };

        [Function("Ping")]
        public ValueTask<IResult> Ping([HttpTrigger(AuthorizationLevel.Anonymous, Route = "ping")] HttpRequest request) =>
            ValueTask.FromResult(Results.Json("pong"));

        [Function("Fails")]
        public async Task<IActionResult> Fails([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "fails")] HttpRequest request)
        {
            await Task.Yield();
            throw new InvalidTimeZoneException("secret");
        }

        [Function("Text")]
        public string Text([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "text")] HttpRequest request) => "not written";
    }
#pragma warning restore CA1822
}

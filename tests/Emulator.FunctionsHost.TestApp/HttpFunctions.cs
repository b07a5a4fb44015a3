using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.TestApp;

/// <summary>HTTP functions.</summary>
public sealed partial class HttpFunctions(ILogger<HttpFunctions> logger)
{
    private static readonly TaskCompletionSource Released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Says what of the request arrived, and how its parameters were bound.</summary>
    [Function("Echo")]
    public static IActionResult Echo(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "echo/{kind}/{id?}")] HttpRequest request,
        string kind,
        string? id,
        string? q,
        FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(context);
        return new OkObjectResult(new
        {
            request.Method,
            request.Path.Value,
            Kind = kind,
            Id = id,
            Q = q,
            Query = request.QueryString.Value,
            Host = request.Host.Value,
            request.Scheme,
            Remote = request.HttpContext.Connection.RemoteIpAddress?.ToString(),
            Certificate = request.Headers["X-ARR-ClientCert"].ToString(),
            Principal = request.Headers["X-MS-CLIENT-PRINCIPAL"].ToString(),
            Invocation = request.Headers["x-ms-invocation-id"].ToString(),
            context.InvocationId,
            context.TraceContext.TraceParent,
        });
    }

    /// <summary>Throws, after having written as many bytes as asked for.</summary>
    [Function("Throws")]
    public static async Task<IActionResult> ThrowsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "throws")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Number(request, "bytes") is > 0 and var bytes)
        {
            request.HttpContext.Response.StatusCode = StatusCodes.Status202Accepted;
            await request.HttpContext.Response.Body.WriteAsync(new byte[bytes]);
            await request.HttpContext.Response.Body.FlushAsync();
        }

        if (Number(request, "wait") > 0) await Released.Task;

        throw new InvalidTimeZoneException("the secret of the function");
    }

    /// <summary>Lets those throw that wait for it.</summary>
    [Function("Throw")]
    public static IActionResult Throw([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "throw")] HttpRequest request)
    {
        Released.TrySetResult();
        return new OkResult();
    }

    /// <summary>Runs until it is cancelled.</summary>
    [Function("Slow")]
    public async Task<IActionResult> SlowAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "slow")] HttpRequest request, CancellationToken cancellationToken)
    {
        Noted(logger, "slow runs");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return new OkResult();
        }
        catch (OperationCanceledException)
        {
            Noted(logger, "slow cancelled");
            throw;
        }
    }

    /// <summary>Reads the body.</summary>
    [Function("Length")]
    public static async Task<IActionResult> LengthAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "length")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var buffer = new byte[64 * 1_024];
        long length = 0;
        int count;
        while ((count = await request.Body.ReadAsync(buffer)) > 0) length += count;
        return new OkObjectResult(length);
    }

    /// <summary>Answers with as many bytes as asked for.</summary>
    [Function("Big")]
    public static IActionResult Big([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "big")] HttpRequest request) =>
        new FileContentResult(new byte[Number(request, "bytes")], "application/octet-stream");

    /// <summary>Answers with a header, a status and no body.</summary>
    [Function("Empty")]
    public static IActionResult Empty([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "empty")] HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.HttpContext.Response.Headers.ETag = "\"1\"";
        return new StatusCodeResult(StatusCodes.Status204NoContent);
    }

    /// <summary>Needs a key.</summary>
    [Function("Keyed")]
    public static IActionResult Keyed([HttpTrigger(AuthorizationLevel.Function, "get", Route = "keyed")] HttpRequest request) =>
        new OkResult();

    /// <summary>An environment variable of the worker.</summary>
    [Function("Variable")]
    public static IActionResult Variable(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "variable/{name}")] HttpRequest request, string name) =>
        new OkObjectResult(Environment.GetEnvironmentVariable(name) ?? "");

    /// <summary>Ends the process.</summary>
    [Function("Exit")]
    public static IActionResult Exit([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "exit")] HttpRequest request)
    {
        Environment.Exit(Number(request, "code"));
        return new OkResult();
    }

    /// <summary>Says the worker's process.</summary>
    [Function("Process")]
    public static IActionResult Process([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "process")] HttpRequest request) =>
        new OkObjectResult(Environment.ProcessId);

    /// <summary>Logs at each level.</summary>
    [Function("Logs")]
    public IActionResult Logs([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "logs")] HttpRequest request)
    {
        Noted(logger, "the note");
        Warned(logger, "the warning", new InvalidTimeZoneException("the reason"));
        return new OkResult();
    }

    private static int Number(HttpRequest request, string name) =>
        int.TryParse(request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [LoggerMessage(41, LogLevel.Information, "{Text}")]
    private static partial void Noted(ILogger logger, string text);

    [LoggerMessage(42, LogLevel.Warning, "{Text}")]
    private static partial void Warned(ILogger logger, string text, Exception exception);
}

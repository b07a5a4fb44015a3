using System.Globalization;
using Emulator.FunctionsHost.Diagnostics;
using Emulator.FunctionsHost.Indexing;
using Emulator.FunctionsHost.Invocation;
using Emulator.FunctionsHost.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Emulator.FunctionsHost.Triggers.Http;

/// <summary>
/// Maps HTTP functions to routes and passes what matches to the worker. Unknown paths and methods are answered here, with 404 and 405: the
/// worker would answer them too, but only after the host had begun an invocation that nothing then runs. A request that failed by its
/// own fault is answered at once: its invocation, which waits for it at the worker for some seconds, ends behind the answer.
/// </summary>
/// <param name="bodyLimit">Longest request body, in bytes.</param>
/// <param name="cancelling">Signalled when what still runs is told to stop;
/// functions see it, and the client's going away, as one token.</param>
internal sealed class HttpFunctions(
    WorkerSupervisor workers,
    FunctionInvoker invoker,
    IHttpForwarder forwarder,
    HttpMessageInvoker client,
    FunctionKey key,
    RequestGate gate,
    long bodyLimit,
    ILogger logger, CancellationToken cancelling)
{
    private const int RetryAfterSeconds = 2;

    private static readonly ForwarderRequestConfig Config = new()
    {
        ActivityTimeout = TimeSpan.FromSeconds(240),

        // The answer is kept back here for as long as it has to be, see HeldBody.
        AllowResponseBuffering = false,
    };

    public void Map(IEndpointRouteBuilder routes, FunctionDescriptor function)
    {
        var trigger = (HttpTriggerDescriptor)function.Trigger;
        RequestDelegate handler = http => HandleAsync(http, function, trigger);
        var endpoint = trigger.Methods.Count == 0
            ? routes.Map(trigger.Route, handler)
            : routes.MapMethods(trigger.Route, trigger.Methods, handler);
        endpoint.WithDisplayName(function.Name);
    }

    private async Task HandleAsync(HttpContext http, FunctionDescriptor function, HttpTriggerDescriptor trigger)
    {
        if (!key.Admits(trigger.Level, http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (http.Request.ContentLength > bodyLimit)
        {
            http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        if (!await gate.TryEnterAsync(http.RequestAborted).ConfigureAwait(false))
        {
            http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return;
        }

        var invoking = Task.CompletedTask;
        try
        {
            invoking = await AdmitAsync(http, function).ConfigureAwait(false);
        }
        finally
        {
            gate.LeaveAfter(invoking);
        }
    }

    /// <returns>Ends with the invocation, which may be after the request.</returns>
    private async Task<Task> AdmitAsync(HttpContext http, FunctionDescriptor function)
    {
        if (cancelling.IsCancellationRequested || !workers.TryGet(out var worker) || worker.Http is not { } target)
        {
            Unavailable(http);
            return Task.CompletedTask;
        }

        http.Request.Body = new LimitedBody(http.Request.Body, bodyLimit);
        return await PassAsync(http, function, worker, target).ConfigureAwait(false);
    }

    private async Task<Task> PassAsync(HttpContext http, FunctionDescriptor function, LiveWorker worker, Uri target)
    {
        var response = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var held = new HeldBody(response.Stream, () => IsEventStream(http.Response));
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(held, response));
        using var invoked = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, cancelling);
        using var forwarded = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, cancelling);
        var invocationId = Guid.NewGuid().ToString();

        // Before the request goes on its way: what it carries is no longer this method's to read then.
        var input = RequestData.Of(http);
        var forwarding = forwarder.SendAsync(
            http, target.AbsoluteUri, client, Config, new WorkerTransformer(invocationId, target), forwarded.Token).AsTask();
        var invoking = InvokeAsync(worker, invocationId, function, input, invoked.Token);
        await JoinAsync(http, forwarding, invoking, invoked, forwarded).ConfigureAwait(false);
        http.Features.Set(response);
        var failure = invoking.IsCompleted ? await invoking.ConfigureAwait(false) : null;
        await AnswerAsync(http, function, held, await forwarding.ConfigureAwait(false), failure).ConfigureAwait(false);
        return invoking;
    }

    private async Task<FunctionFailure?> InvokeAsync(
        LiveWorker worker, string invocationId, FunctionDescriptor function, TriggerInput input, CancellationToken cancellationToken)
    {
        try
        {
            return await invoker.TryInvokeAsync(worker, invocationId, function, input, cancellationToken).ConfigureAwait(false)
                ? null
                : FunctionFailure.WorkerLost;
        }
        catch (FunctionFailedException exception)
        {
            return exception.Failure;
        }
    }

    // Each half waits for the other at the worker's side, so the failure of one ends both. Only where the request itself says what the
    // answer is may the invocation end later than this: what went wrong in the worker, nothing but the invocation's end tells.
    private static async Task JoinAsync(
        HttpContext http,
        Task<ForwarderError> forwarding,
        Task<FunctionFailure?> invoking,
        CancellationTokenSource invoked,
        CancellationTokenSource forwarded)
    {
        if (await Task.WhenAny(forwarding, invoking).ConfigureAwait(false) == forwarding)
        {
            var error = await forwarding.ConfigureAwait(false);
            if (error != ForwarderError.None) await invoked.CancelAsync().ConfigureAwait(false);
            if (IsRequestsFault(http, error)) return;
        }
        else if (await invoking.ConfigureAwait(false) is not null)
        {
            await forwarded.CancelAsync().ConfigureAwait(false);
        }

        await invoking.ConfigureAwait(false);
        await forwarding.ConfigureAwait(false);
    }

    private static bool IsRequestsFault(HttpContext http, ForwarderError error) =>
        error != ForwarderError.None
        && (http.RequestAborted.IsCancellationRequested
            || error == ForwarderError.RequestBodyClient
            || RefusedBody(http.GetForwarderErrorFeature()?.Exception) is not null);

    private async Task AnswerAsync(
        HttpContext http, FunctionDescriptor function, HeldBody held, ForwarderError error, FunctionFailure? failure)
    {
        if (http.RequestAborted.IsCancellationRequested) return;
        if (failure is null && error == ForwarderError.None)
        {
            await held.ReleaseAsync(http.RequestAborted).ConfigureAwait(false);
            return;
        }

        if (http.Response.HasStarted)
        {
            // Cut off: the client must not take it for whole.
            http.Abort();
            return;
        }

        var cause = http.GetForwarderErrorFeature()?.Exception;
        var status = StatusOf(error, failure, cause);
        if (failure is null or FunctionFailure.Canceled) HostLog.NotForwarded(logger, function.Name, error.ToString(), cause);
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            Unavailable(http);
            return;
        }

        http.Response.Clear();
        http.Response.StatusCode = status;
    }

    // No detail of an exception goes to the caller.
    private static int StatusOf(ForwarderError error, FunctionFailure? failure, Exception? cause) => failure switch
    {
        FunctionFailure.Threw or FunctionFailure.TimedOut => RefusedBody(cause) ?? StatusCodes.Status500InternalServerError,
        FunctionFailure.WorkerLost => StatusCodes.Status503ServiceUnavailable,
        FunctionFailure.Canceled or null => RefusedBody(cause) ?? (error switch
        {
            ForwarderError.RequestBodyClient => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status503ServiceUnavailable,
        }),
    };

    private static int? RefusedBody(Exception? cause)
    {
        for (; cause is not null; cause = cause.InnerException)
        {
            if (cause is BadHttpRequestException bad) return bad.StatusCode;
            if (cause is AggregateException { InnerExceptions: var all }
                && all.OfType<BadHttpRequestException>().FirstOrDefault() is { } inner)
            {
                return inner.StatusCode;
            }
        }

        return null;
    }

    private static bool IsEventStream(HttpResponse response) =>
        response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;

    private static void Unavailable(HttpContext http)
    {
        http.Response.Clear();
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        http.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
    }
}

using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace Relay.Functions.Live;

/// <summary>
/// Server-sent events (HTML Living Standard, section 9.2) of a view for as long as a stream lasts. What a viewer has by its
/// <c>Last-Event-ID</c> is not sent again, from whichever worker it had it.
/// </summary>
/// <param name="feeds">Where the view is opened, once the answer begins.</param>
/// <param name="negotiation">Of which; null for all.</param>
/// <param name="tooMany">The answer when as many look as may.</param>
internal sealed class EventStreamAnswer(LiveFeeds feeds, string? negotiation, IActionResult tooMany) : IActionResult
{
    public const string MediaType = "text/event-stream";

    /// <summary>After how long without news a comment is sent, so that whoever has gone is noticed: 15 s.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>When a viewer comes again after the stream's end, as it is told: 1 s.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // A viewer that reads nothing is let go of that long after its stream should have ended.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly byte[] Begin =
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"retry: {Retry.TotalMilliseconds:0}\n\n"));

    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    /// <inheritdoc/>
    public async Task ExecuteResultAsync(ActionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var http = context.HttpContext;
        if (HttpMethods.IsHead(http.Request.Method))
        {
            WriteHeaders(http.Response);
            return;
        }

        using var view = feeds.TryOpen(negotiation);
        if (view is null)
        {
            await tooMany.ExecuteResultAsync(context);
            return;
        }

        WriteHeaders(http.Response);
        using var ended = new CancellationTokenSource(feeds.Options.Lifetime + Grace, feeds.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, http.RequestAborted);
        try
        {
            await SendAsync(view, http, linked.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && linked.IsCancellationRequested)
        {
            // The viewer has gone, or did not read.
        }
    }

    private async Task SendAsync(LiveView view, HttpContext http, CancellationToken cancellationToken)
    {
        var began = feeds.Time.GetTimestamp();
        var last = http.Request.Headers["Last-Event-ID"] is [{ } known] ? known : null;
        await SendAsync(http.Response, Begin, cancellationToken);
        while (feeds.Options.Lifetime - feeds.Time.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            using var quiet = new CancellationTokenSource(left < KeepAlive ? left : KeepAlive, feeds.Time);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, cancellationToken);
            try
            {
                var next = await view.NextAsync(last, patience.Token);
                await SendAsync(http.Response, next.Frame, cancellationToken);
                last = next.Id;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await SendAsync(http.Response, Comment, cancellationToken);
            }
        }
    }

    private static void WriteHeaders(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
    }

    private static async Task SendAsync(HttpResponse response, ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(frame, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}

using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Emulator.ServiceBus.Journal;

namespace Emulator.ServiceBus.Administration;

/// <summary>Which part of the admin port a request is for.</summary>
/// <param name="requests">The ATOM surface.</param>
/// <param name="sockets">AMQP over WebSockets.</param>
/// <param name="journal">Says whether what clients send can be stored.</param>
/// <param name="report">How the namespace stands.</param>
internal sealed class AdminSurface(AdminRequests requests, AmqpWebSocket sockets, IMessageJournal journal, Func<StatusReport> report)
{
    public Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (AmqpWebSocket.IsAddress(request.Path)) return sockets.HandleAsync(context);

        // Every administration request says which version it speaks; an entity may well be called health.
        if (request.Query.ContainsKey("api-version")) return requests.HandleAsync(context);
        return request.Path.Value?.TrimEnd('/').ToUpperInvariant() switch
        {
            "/HEALTH" => HealthAsync(context),
            "" => PageAsync(context),
            "/STATUS.JSON" => WriteAsync(
                context,
                StatusCodes.Status200OK,
                "application/json; charset=utf-8",
                JsonSerializer.Serialize(report(), StatusJson.Default.StatusReport)),
            _ => requests.HandleAsync(context),
        };
    }

    /// <summary>In the words of the official emulator; healthy only while what clients send can be stored.</summary>
    private Task HealthAsync(HttpContext context)
    {
        var healthy = !journal.IsFailing;
        var status = healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return WriteAsync(context, status, "application/json; charset=utf-8", healthy
            ? """{"status":"healthy","message":"Service is healthy."}"""
            : """{"status":"unhealthy","message":"The journal cannot be written."}""");
    }

    private Task PageAsync(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = StatusPage.ContentSecurityPolicy;
        return WriteAsync(context, StatusCodes.Status200OK, "text/html; charset=utf-8", StatusPage.Render(report()));
    }

    private static Task WriteAsync(HttpContext context, int status, string contentType, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}

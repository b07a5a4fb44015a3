using System.Text;
using Microsoft.AspNetCore.Http;
using Relay.Emulator.ServiceBus.Journal;

namespace Relay.Emulator.ServiceBus.Administration;

/// <summary>Which part of the admin port a request is for.</summary>
internal sealed class AdminSurface(AdminRequests requests, AmqpWebSocket sockets, IMessageJournal journal)
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
            _ => requests.HandleAsync(context),
        };
    }

    /// <summary>In the words of the official emulator; healthy only while what clients send can be stored.</summary>
    private Task HealthAsync(HttpContext context)
    {
        var healthy = !journal.IsFailing;
        return WriteAsync(context, healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, "application/json; charset=utf-8", healthy
            ? """{"status":"healthy","message":"Service is healthy."}"""
            : """{"status":"unhealthy","message":"The journal cannot be written."}""");
    }

    private static Task WriteAsync(HttpContext context, int status, string contentType, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        context.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}

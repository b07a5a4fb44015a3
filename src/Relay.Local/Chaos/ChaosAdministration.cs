using System.Net;
using Emulator.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Relay.Local.Chaos;

/// <summary>
/// <c>PUT /chaos</c> with commands, words of plain text, and <c>GET /chaos</c> for what is disturbed now; on loopback, for callers of this
/// machine alone.
/// </summary>
internal sealed class ChaosAdministration : IAsyncDisposable
{
    private const string Route = "/chaos";
    private const int MaxBodyBytes = 4 * 1024;

    private readonly WebApplication _app;
    private readonly ChaosControl _control;

    private ChaosAdministration(WebApplication app, ChaosControl control)
    {
        _app = app;
        _control = control;
        new LocalCallers(IPAddress.Loopback, []).Guard(app);
        app.Run(AnswerAsync);
    }

    /// <summary>Where it is asked.</summary>
    public Uri Address => new(new Uri(_app.Urls.First()), Route);

    /// <param name="port">0 takes a free one.</param>
    /// <param name="control">Acts on what is asked.</param>
    /// <param name="loggers">Of the server's own messages.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ChaosAdministration> StartAsync(
        int port, ChaosControl control, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        var administration = new ChaosAdministration(builder.Build(), control);
        try
        {
            await administration._app.StartAsync(cancellationToken).ConfigureAwait(false);
            return administration;
        }
        catch
        {
            await administration.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var (status, text) = http.Request.Path != Route ? (StatusCodes.Status404NotFound, $"expected {Route}, got {http.Request.Path}")
            : HttpMethods.IsGet(http.Request.Method) ? (StatusCodes.Status200OK, string.Join(' ', _control.Words))
            : HttpMethods.IsPut(http.Request.Method) ? await PutAsync(http).ConfigureAwait(false)
            : (StatusCodes.Status405MethodNotAllowed, $"expected GET or PUT, got {http.Request.Method}");
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status405MethodNotAllowed) http.Response.Headers.Allow = "GET, PUT";
        await http.Response.WriteAsync(text + "\n", http.RequestAborted).ConfigureAwait(false);
    }

    // All of them, or none where one is wrong.
    private async Task<(int Status, string Text)> PutAsync(HttpContext http)
    {
        string body;
        try
        {
            using var reader = new StreamReader(http.Request.Body);
            body = await reader.ReadToEndAsync(http.RequestAborted).ConfigureAwait(false);
        }
        catch (BadHttpRequestException exception)
        {
            return (exception.StatusCode, $"expected at most {MaxBodyBytes} bytes of text, got what cannot be read");
        }

        var words = body.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return (StatusCodes.Status400BadRequest, $"expected {ChaosWord.Expected}; got nothing");
        var commands = new List<ChaosWord>();
        foreach (var word in words)
        {
            if (!ChaosWord.TryParse(word, out var command, out var error)) return (StatusCodes.Status400BadRequest, error);
            commands.Add(command);
        }

        commands.ForEach(_control.Apply);
        return (StatusCodes.Status200OK, string.Join(' ', _control.Words));
    }
}

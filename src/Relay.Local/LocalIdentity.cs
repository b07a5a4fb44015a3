using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Emulator.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Relay.Local;

/// <summary>
/// The managed identity of a worker on this machine: the token endpoint that App Service gives its apps, on loopback. The worker's own
/// <c>ManagedIdentityCredential</c> finds it by two environment variables, so nothing in the deployed app knows of it; its tokens are
/// <see cref="LocalCredential"/>'s, which no real service accepts.
/// </summary>
/// <remarks>Azure App Service, "REST endpoint reference" of managed identities, api-version 2019-08-01.</remarks>
public sealed class LocalIdentity : IAsyncDisposable
{
    /// <summary>Environment variable that holds <see cref="Endpoint"/>.</summary>
    public const string EndpointVariable = "IDENTITY_ENDPOINT";

    /// <summary>Environment variable that holds <see cref="Secret"/>.</summary>
    public const string HeaderVariable = "IDENTITY_HEADER";

    private const string HeaderName = "X-IDENTITY-HEADER";
    private const string Path = "/msi/token";

    private readonly WebApplication _app;
    private readonly LocalCredential _credential;

    private LocalIdentity(WebApplication app, LocalCredential credential)
    {
        _app = app;
        _credential = credential;
        app.MapGet(Path, AnswerAsync);
    }

    /// <summary>Where tokens are asked for.</summary>
    public Uri Endpoint => new(new Uri(_app.Urls.First()), Path);

    /// <summary>What a request has to bring along: keeps web pages and other users' processes out.</summary>
    public string Secret { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));

    /// <summary>Listens on a free port of loopback. The caller disposes it.</summary>
    /// <param name="name">Subject of the tokens.</param>
    public static async Task<LocalIdentity> StartAsync(
        string name, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var identity = new LocalIdentity(builder.Build(), new LocalCredential(name, time));
        try
        {
            await identity._app.StartAsync(cancellationToken).ConfigureAwait(false);
            return identity;
        }
        catch
        {
            await identity.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var resource = http.Request.Query["resource"].ToString();
        var shown = Encoding.UTF8.GetBytes(http.Request.Headers[HeaderName].ToString());
        if (!CryptographicOperations.FixedTimeEquals(shown, Encoding.UTF8.GetBytes(Secret)))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (resource.Length == 0)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var token = await _credential.GetTokenAsync(new TokenRequestContext([resource]), http.RequestAborted).ConfigureAwait(false);
        var answer = new
        {
            access_token = token.Token,
            expires_on = token.ExpiresOn.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            resource,
            token_type = "Bearer",
        };
        await http.Response.WriteAsJsonAsync(answer, http.RequestAborted).ConfigureAwait(false);
    }
}

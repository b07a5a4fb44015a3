using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Relay.Azure;
using Relay.Core;
using Relay.Functions.Middleware;
using Relay.Functions.Settlement;

namespace Relay.Functions;

/// <summary>Composes the function app; the same for the Functions worker and for the local host.</summary>
public static class RelayApplication
{
    /// <summary>Adds middleware and services. Services registered before win: a credential or a clock of the caller's stays.</summary>
    /// <param name="worker">The app being built; HTTP integration must have been configured before, so that middleware sees the request.</param>
    /// <param name="configuration">App settings.</param>
    public static IFunctionsWorkerApplicationBuilder AddRelay(this IFunctionsWorkerApplicationBuilder worker, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(worker);
        worker.UseMiddleware<UnexpectedExceptionMiddleware>();
        worker.Services.AddRelayCore(configuration);
        worker.Services.AddRelayAzure(configuration);
        worker.Services.TryAddSingleton<EnvelopeSettler>();
        worker.Services.TryAddSingleton<EnvelopeProcessor>();
        return worker;
    }
}

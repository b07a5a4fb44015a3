using Azure.Core;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Relay.Azure;
using Relay.Azure.Ledger;
using Relay.Core;
using Relay.Core.Ledger.Store;
using Relay.DeadLetters;
using Relay.Functions.Callers;
using Relay.Functions.Diagnostics;
using Relay.Functions.Http;
using Relay.Functions.Live;
using Relay.Functions.Middleware;
using Relay.Functions.Operating;
using Relay.Functions.Reading;
using Relay.Functions.Settlement;
using Relay.Functions.Silences;

namespace Relay.Functions;

/// <summary>Composes the function app.</summary>
public static class RelayApplication
{
    /// <summary>Adds middleware and services. Services registered before win: a credential or a clock of the caller's stays.</summary>
    /// <param name="worker">The app being built; HTTP integration must have
    /// been configured before, so that middleware sees the request.</param>
    /// <param name="configuration">App settings.</param>
    public static IFunctionsWorkerApplicationBuilder AddRelay(this IFunctionsWorkerApplicationBuilder worker, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(worker);
        worker.UseMiddleware<UnexpectedExceptionMiddleware>();
        worker.UseMiddleware<CallerMiddleware>();
        worker.Services.AddRelayCore(configuration);
        worker.Services.AddRelayAzure(configuration);
        worker.Services.TryAddSingleton<EnvelopeSettler>();
        worker.Services.TryAddSingleton<Parking>();
        worker.Services.TryAddSingleton<EnvelopeProcessor>();
        worker.Services.AddOptions<CallerOptions>().Bind(configuration.GetSection(CallerOptions.SectionName)).ValidateOnStart();
        worker.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CallerOptions>, CallerOptionsValidator>());
        worker.Services.AddOptions<OperatorOptions>().Bind(configuration.GetSection(OperatorOptions.SectionName)).ValidateOnStart();
        worker.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OperatorOptions>, OperatorOptionsValidator>());
        worker.Services.AddOptions<SubmissionOptions>().Bind(configuration.GetSection(SubmissionOptions.SectionName)).ValidateOnStart();
        worker.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SubmissionOptions>, SubmissionOptionsValidator>());
        worker.Services.AddOptions<LiveOptions>().Bind(configuration.GetSection(LiveOptions.SectionName)).ValidateOnStart();
        worker.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LiveOptions>, LiveOptionsValidator>());
        worker.Services.TryAddSingleton<UnprovedPace>();
        worker.Services.TryAddSingleton<StrangerLimits>();
        worker.Services.TryAddSingleton<ProvingBodies>();
        worker.Services.TryAddSingleton(
            provider => new AddressClass(provider.GetRequiredService<IOptions<CallerOptions>>(), configuration));
        worker.Services.TryAddSingleton<AccessTokens>();
        worker.Services.TryAddSingleton(provider => new CallerReader(
            provider.GetRequiredService<AccessTokens>(),
            provider.GetRequiredService<IOptions<CallerOptions>>(),
            provider.GetRequiredService<IOptions<OperatorOptions>>(),
            configuration,
            provider.GetRequiredService<TimeProvider>()));
        worker.Services.TryAddSingleton<CallGuard>();
        worker.Services.TryAddSingleton<CallTelemetry>();
        worker.Services.TryAddSingleton<LedgerEndpoint>();
        worker.Services.TryAddSingleton<SignalReader>();
        worker.Services.TryAddSingleton<SignalPublisher>();
        worker.Services.TryAddSingleton<StatsReader>();
        worker.Services.TryAddSingleton<LiveFeeds>();
        worker.Services.AddOptions<OperatorLogOptions>().Bind(configuration.GetSection(OperatorLogOptions.SectionName)).ValidateOnStart();
        worker.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OperatorLogOptions>, OperatorLogOptionsValidator>());
        worker.Services.TryAddSingleton(CreateOffice);
        worker.Services.TryAddSingleton<DeadLetterActs>();
        worker.Services.TryAddSingleton<DeadLetterTopics>();
        worker.Services.AddHostedService<DependencyWatchService>();
        worker.Services.AddHostedService<TallyService>();
        worker.Services.AddOptions<SilenceOptions>().Bind(configuration.GetSection(SilenceOptions.SectionName)).ValidateOnStart();
        worker.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SilenceOptions>, SilenceOptionsValidator>());
        worker.Services.TryAddSingleton<SilenceTelemetry>();
        worker.Services.TryAddSingleton<SilencePublisher>();
        worker.Services.AddHostedService<SilenceService>();
        worker.Services.AddTelemetryExport(configuration);
        return worker;
    }

    // The log's place is opened when it is first needed: nothing else of the worker needs it.
    private static DeadLetterOffice CreateOffice(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<OperatorLogOptions>>().Value;
        var time = provider.GetRequiredService<TimeProvider>();
        var log = new Lazy<ILedgerStore>(
            () => options switch
            {
                { ContainerUri: { } uri } => LedgerStores.OpenContainer(uri, provider.GetRequiredService<TokenCredential>()),
                { Folder: { Length: > 0 } folder } => LedgerStores.OpenFolder(folder, time),
                _ => throw new OperatorLogMissingException(
                    $"expected {OperatorLogOptions.SectionName}:ContainerUri or :Folder for the operators' log, got neither: set one"),
            },
            LazyThreadSafetyMode.PublicationOnly);
        return DeadLetterOffice.Open(provider.GetRequiredService<ServiceBusClient>(), () => log.Value, time);
    }
}

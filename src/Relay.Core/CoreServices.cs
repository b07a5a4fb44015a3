using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Core.Acknowledgements;
using Relay.Core.Caching;
using Relay.Core.Diagnostics;
using Relay.Core.Directory;
using Relay.Core.Early;
using Relay.Core.Forwarding;
using Relay.Core.Health;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Reading;
using Relay.Core.Ledger.Store;
using Relay.Core.Modes;
using Relay.Core.Pending;
using Relay.Core.Prekeys;
using Relay.Core.Reading;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Core.Statistics;
using Relay.Core.Verification;
using Relay.Protocol.Envelopes;

namespace Relay.Core;

/// <summary>Registers the pipeline and what settles its rulings; the ports come from elsewhere.</summary>
public static class CoreServices
{
    /// <summary>Key of the <see cref="ILedgerStore"/> whose calls are counted and end in time: the one to be called by others.</summary>
    public const string BoundedStore = "bounded";

    /// <summary>Adds singletons, none of them over one already registered. Needs the ports and logging from the caller.</summary>
    public static IServiceCollection AddRelayCore(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddMetrics();
        services.AddOptions<EnvelopeOptions>().Bind(configuration.GetSection(EnvelopeOptions.SectionName)).ValidateOnStart();
        services.AddOptions<DirectoryOptions>().Bind(configuration.GetSection(DirectoryOptions.SectionName)).ValidateOnStart();
        foreach (var (section, perSecond) in DelegationBudgetOptions.Defaults)
        {
            services.AddOptions<DelegationBudgetOptions>(section)
                .Configure(options => options.PerSecond = perSecond)
                .Bind(configuration.GetSection(section))
                .ValidateOnStart();
        }

        services.AddOptions<HealthOptions>().Bind(configuration.GetSection(HealthOptions.SectionName)).ValidateOnStart();
        services.AddOptions<LedgerOptions>().Bind(configuration.GetSection(LedgerOptions.SectionName)).ValidateOnStart();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IValidateOptions<LedgerOptions>, LedgerOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<HealthOptions>, HealthOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<DelegationBudgetOptions>, DelegationBudgetOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<EnvelopeOptions>, EnvelopeOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<DirectoryOptions>, DirectoryOptionsAttributesValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<DirectoryOptions>, DirectoryOptionsValidator>(),
        ]);

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => new RetryBackoff(Random.Shared.NextDouble));
        services.TryAddSingleton<SettlementPolicy>();
        services.TryAddSingleton<WorkerTallies>();
        services.TryAddSingleton<IRulingTally>(static provider => provider.GetRequiredService<WorkerTallies>());
        services.TryAddSingleton<RelayTelemetry>();
        services.TryAddKeyedSingleton<ILedgerStore>(BoundedStore, static (provider, _) => BoundedStoreOf(provider));
        services.TryAddSingleton(CreateTallies);
        services.TryAddSingleton<DependencyCircuit>();
        services.TryAddSingleton<WorkProgress>();
        services.TryAddSingleton<Readiness>();
        services.TryAddSingleton<DependencyWatch>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IDependencyProbe, LedgerProbe>(
                static provider => new LedgerProbe(provider.GetRequiredService<ILedgerStore>)),
            ServiceDescriptor.Singleton<IDependencyProbe, DirectoryProbe>(
                static provider => new DirectoryProbe(provider.GetRequiredService<IDirectoryDocumentSource>)),
        ]);
        services.TryAddSingleton<NegotiationDirectory>();
        services.TryAddSingleton(
            provider =>
            {
                var clock = provider.GetRequiredService<ServiceClock>();
                return new EnvelopeForwarding(provider.GetRequiredService<IEnvelopeForwarder>(), () => clock.Now);
            });
        services.TryAddSingleton<IReleaseForwarding>(provider =>
            new EarlyReleases(
                new ReleaseForwarding(
                    provider.GetRequiredService<NegotiationDirectory>(),
                    provider.GetRequiredService<EnvelopeForwarding>(),
                    provider.GetRequiredService<IRulingTally>()),
                provider.GetRequiredService<EarlyEnvelopes>()));
        services.TryAddSingleton(CreateEarly);
        services.TryAddSingleton<CheckpointKeyRing>();
        services.TryAddSingleton<ServiceClock>();
        services.TryAddSingleton(CreateCheckpointKeys);
        services.TryAddSingleton(CreateLedgers);
        services.TryAddSingleton<LedgerMaintenance>();
        services.TryAddSingleton<ReceiptWaiters>();
        services.TryAddSingleton(CreateReader);
        services.TryAddSingleton<RecentHeads>();
        services.TryAddSingleton<RateStandings>();
        services.TryAddSingleton(static provider => new NegotiationCallers(provider.GetRequiredService<NegotiationDirectory>()));
        services.TryAddSingleton<SignatureVerifier>();
        services.TryAddSingleton(CreatePending);
        services.TryAddSingleton(CreatePendingReader);
        services.TryAddSingleton(CreatePendingSweep);
        services.TryAddSingleton(static provider => new NegotiationModes(
            provider.GetRequiredService<NegotiationDirectory>(),
            provider.GetRequiredService<LedgerReader>(),
            provider.GetRequiredService<NegotiationLedgers>(),
            provider.GetRequiredService<RecentHeads>()));
        services.TryAddSingleton(CreatePipeline);
        services.TryAddSingleton(CreateAcknowledgements);
        services.TryAddSingleton(CreatePrekeys);
        return services;
    }

    private static RelayPipeline CreatePipeline(IServiceProvider provider)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        return new RelayPipeline(
            new ReadingRules(provider.GetRequiredService<IOptions<EnvelopeOptions>>()),
            provider.GetRequiredService<NegotiationDirectory>(),
            provider.GetRequiredService<SignatureVerifier>(),
            provider.GetRequiredService<NegotiationLedgers>(),
            provider.GetRequiredService<ReceiptWaiters>(),
            provider.GetRequiredService<EarlyEnvelopes>(),
            provider.GetRequiredService<PendingEnvelopes>(),
            provider.GetRequiredService<EnvelopeForwarding>(),
            provider.GetRequiredService<NegotiationModes>(),
            time,
            provider.GetRequiredService<ServiceClock>());
    }

    private static PendingEnvelopes CreatePending(IServiceProvider provider) => new(
        StoreOf(provider),
        provider.GetRequiredService<IOptions<LedgerOptions>>().Value.StoreTimeout,
        provider.GetRequiredService<SignatureVerifier>(),
        provider.GetRequiredService<LedgerReader>(),
        provider.GetRequiredService<TimeProvider>());

    private static PendingReader CreatePendingReader(IServiceProvider provider) => new(
        provider.GetRequiredService<PendingEnvelopes>(), provider.GetRequiredService<NegotiationDirectory>());

    private static PendingSweep CreatePendingSweep(IServiceProvider provider) => new(
        BoundedStoreOf(provider),
        provider.GetRequiredService<PendingEnvelopes>(),
        provider.GetRequiredService<NegotiationDirectory>(),
        provider.GetRequiredService<SignatureVerifier>(),
        provider.GetRequiredService<LedgerReader>(),
        provider.GetRequiredService<IEnvelopeQueue>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<PendingSweep>>());

    // The pipeline has what keeps early envelopes, and that relays them through it: so it is asked for when it is needed.
    private static EarlyEnvelopes CreateEarly(IServiceProvider provider)
    {
        var pipeline = new Lazy<RelayPipeline>(provider.GetRequiredService<RelayPipeline>);
        var telemetry = provider.GetRequiredService<RelayTelemetry>();
        return new EarlyEnvelopes(
            async (envelope, gathering, cancellationToken) =>
            {
                using var activity = RelayTelemetry.Start("relay early envelope", ActivityKind.Consumer, envelope.TraceParent);
                var traceParent = TraceParent.Current(envelope.TraceParent);
                var ruling = await pipeline.Value
                    .RelayAsync(envelope.Wire, traceParent, EarlyEnvelopes.Patience, gathering, cancellationToken)
                    .ConfigureAwait(false);
                // What is not done is noted when its copy comes.
                if (VerdictTable.For(ruling.Verdict).Settlement == SettlementAction.Complete)
                {
                    telemetry.Ruled(ruling, envelope.Id.Lane, envelope.Since);
                }

                return ruling;
            },
            provider.GetRequiredService<TimeProvider>(),
            TaskScheduler.Default,
            provider.GetRequiredService<ILogger<EarlyEnvelopes>>());
    }

    private static AcknowledgementPipeline CreateAcknowledgements(IServiceProvider provider) => new(
        provider.GetRequiredService<NegotiationDirectory>(),
        provider.GetRequiredService<NegotiationLedgers>(),
        BudgetsOf(provider, DelegationBudgetOptions.Acknowledgements),
        provider.GetRequiredService<DependencyCircuit>(),
        provider.GetRequiredService<ServiceClock>());

    private static PrekeyPipeline CreatePrekeys(IServiceProvider provider) => new(
        provider.GetRequiredService<NegotiationDirectory>(),
        provider.GetRequiredService<NegotiationLedgers>(),
        BudgetsOf(provider, DelegationBudgetOptions.Prekeys),
        provider.GetRequiredService<DependencyCircuit>(),
        provider.GetRequiredService<ServiceClock>());

    private static DelegationBudgets BudgetsOf(IServiceProvider provider, string section) => new(
        provider.GetRequiredService<IOptionsMonitor<DelegationBudgetOptions>>().Get(section).PerSecond,
        provider.GetRequiredService<TimeProvider>());

    private static CheckpointKeys CreateCheckpointKeys(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<LedgerOptions>>().Value;
        return new CheckpointKeys(
            provider.GetRequiredService<ICheckpointCertifier>(),
            options.RelayName,
            options.VaultTimeout,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<CheckpointKeys>>());
    }

    private static LedgerReader CreateReader(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<LedgerOptions>>().Value;
        return new LedgerReader(
            StoreOf(provider),
            provider.GetRequiredService<CheckpointKeyRing>(),
            options.RelayName,
            options.StoreTimeout,
            provider.GetRequiredService<TimeProvider>());
    }

    private static NegotiationLedgers CreateLedgers(IServiceProvider provider) => new(
        StoreOf(provider),
        provider.GetRequiredService<CheckpointKeys>(),
        provider.GetRequiredService<CheckpointKeyRing>(),
        provider.GetRequiredService<IReleaseForwarding>(),
        provider.GetRequiredService<ILedgerSignals>(),
        provider.GetRequiredService<IOptions<LedgerOptions>>(),
        provider.GetRequiredService<TimeProvider>(),
        TaskScheduler.Default,
        Random.Shared.NextDouble,
        provider.GetRequiredService<ILogger<NegotiationLedgers>>(),
        provider.GetRequiredService<ServiceClock>(),
        provider.GetRequiredService<EarlyEnvelopes>().Moved);

    private static TallyStore CreateTallies(IServiceProvider provider) => new(
        BoundedStoreOf(provider),
        provider.GetRequiredService<WorkerTallies>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<TallyStore>>());

    private static DeadlineStore BoundedStoreOf(IServiceProvider provider) => new(
        StoreOf(provider),
        provider.GetRequiredService<IOptions<LedgerOptions>>().Value.StoreTimeout,
        provider.GetRequiredService<TimeProvider>());

    private static MeteredStore StoreOf(IServiceProvider provider) =>
        new(provider.GetRequiredService<ILedgerStore>(), provider.GetRequiredService<RelayTelemetry>());
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Core.Diagnostics;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Reading;
using Relay.Core.Settlement;
using Relay.Core.Verification;

namespace Relay.Core;

/// <summary>Registers the pipeline and what settles its rulings; the ports come from elsewhere.</summary>
public static class CoreServices
{
    /// <summary>Adds singletons, none of them over one already registered. Needs the ports and logging from the caller.</summary>
    public static IServiceCollection AddRelayCore(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddMetrics();
        services.AddOptions<EnvelopeOptions>().Bind(configuration.GetSection(EnvelopeOptions.SectionName)).ValidateOnStart();
        services.AddOptions<DirectoryOptions>().Bind(configuration.GetSection(DirectoryOptions.SectionName)).ValidateOnStart();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IValidateOptions<EnvelopeOptions>, EnvelopeOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<DirectoryOptions>, DirectoryOptionsAttributesValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<DirectoryOptions>, DirectoryOptionsValidator>(),
        ]);

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => new RetryBackoff(Random.Shared.NextDouble));
        services.TryAddSingleton<SettlementPolicy>();
        services.TryAddSingleton<RelayTelemetry>();
        services.TryAddSingleton<NegotiationDirectory>();
        services.TryAddSingleton(CreatePipeline);
        return services;
    }

    private static RelayPipeline CreatePipeline(IServiceProvider provider)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        return new RelayPipeline(
            new EnvelopeReader(provider.GetRequiredService<IOptions<EnvelopeOptions>>()),
            provider.GetRequiredService<NegotiationDirectory>(),
            new SignatureVerifier(provider.GetRequiredService<IPublicKeySource>()),
            new EnvelopeForwarding(provider.GetRequiredService<IEnvelopeForwarder>(), time),
            time);
    }
}

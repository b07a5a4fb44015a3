using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.DependencyInjection;
using Relay.Client.Mediators;
using Relay.Protocol.Signatures;

namespace Relay.Client.Parties;

/// <summary>Registers the clients in a container.</summary>
public static class RelayClientServices
{
    /// <summary>
    /// Adds a singleton <see cref="DelegationClientSource"/> over the <see cref="ServiceBusClient"/> that is registered; by
    /// <paramref name="key"/> where a process speaks for several delegations or in several negotiations.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="options">Who the delegation is and whom it trusts, from what is registered.</param>
    /// <param name="key">Service key; null registers it without.</param>
    public static IServiceCollection AddRelayDelegation(
        this IServiceCollection services, Func<IServiceProvider, DelegationClientOptions> options, object? key = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        return services.AddKeyedSingleton(
            key, (provider, _) => new DelegationClientSource(provider.GetRequiredService<ServiceBusClient>(), options(provider)));
    }

    /// <summary>
    /// Adds a singleton <see cref="MediatorClient"/> over the <see cref="IEnvelopeSubmitter"/> that is registered or, where none is, over
    /// the queues of the <see cref="ServiceBusClient"/> that is.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="signers">The mediators' keys, from what is registered.</param>
    /// <param name="options">Null for the defaults.</param>
    public static IServiceCollection AddRelayMediator(
        this IServiceCollection services,
        Func<IServiceProvider, IReadOnlyList<IJwsSigner>> signers,
        Func<IServiceProvider, MediatorClientOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(signers);
        services.AddSingleton(provider => new EnvelopeSubmitter(
            provider.GetRequiredService<ServiceBusClient>(), provider.GetService<TimeProvider>() ?? TimeProvider.System));
        return services.AddSingleton(provider => new MediatorClient(
            signers(provider),
            provider.GetService<IEnvelopeSubmitter>() ?? provider.GetRequiredService<EnvelopeSubmitter>(),
            options?.Invoke(provider)));
    }
}

using Azure.Core;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Azure.Security.KeyVault.Keys;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Azure.Bus;
using Relay.Azure.Diagnostics;
using Relay.Azure.Directories;
using Relay.Azure.Keys;
using Relay.Azure.Ledger;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Health;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Store;
using Relay.Core.Settlement;
using Relay.Core.Verification;

namespace Relay.Azure;

/// <summary>Registers the ports of the core on Service Bus, Key Vault and Blob Storage.</summary>
public static class AzureServices
{
    /// <summary>Adds singletons, none over one already registered; a <see cref="TokenCredential"/> registered before wins.</summary>
    public static IServiceCollection AddRelayAzure(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<ServiceBusOptions>().Configure(options => ServiceBusOptions.Bind(options, configuration)).ValidateOnStart();
        services.AddOptions<KeyVaultOptions>().Bind(configuration.GetSection(KeyVaultOptions.SectionName)).ValidateOnStart();
        services.AddOptions<CheckpointKeyOptions>().Bind(configuration.GetSection(CheckpointKeyOptions.SectionName)).ValidateOnStart();
        services.AddOptions<DirectorySourceOptions>().Bind(configuration.GetSection(DirectorySourceOptions.SectionName)).ValidateOnStart();
        services.AddOptions<LedgerStoreOptions>().Bind(configuration.GetSection(LedgerStoreOptions.SectionName)).ValidateOnStart();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IValidateOptions<ServiceBusOptions>, ServiceBusOptionsAttributesValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<ServiceBusOptions>, ServiceBusOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<KeyVaultOptions>, KeyVaultOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<CheckpointKeyOptions>, CheckpointKeyOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<DirectorySourceOptions>, DirectorySourceOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<LedgerStoreOptions>, LedgerStoreOptionsValidator>(),
        ]);

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => CreateCredential(configuration.GetSection(ServiceBusOptions.SectionName)));
        services.TryAddSingleton(CreateBusClient);
        services.TryAddSingleton<BusSender>();
        services.TryAddSingleton<IEnvelopeForwarder, TopicForwarder>();
        services.TryAddSingleton<IEnvelopeQueue, EnvelopeQueues>();
        services.TryAddSingleton<ILedgerSignals, SignalTopic>();
        services.TryAddSingleton<ISignalFeed, SignalTopic>();
        services.TryAddSingleton<ICheckpointCertifier>(CreateCertifier);
        services.TryAddSingleton<IPublicKeySource>(CreateKeyRing);
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IDependencyProbe, BusProbe>(),
            ServiceDescriptor.Singleton<IDependencyProbe, VaultProbe>(CreateVaultProbe),
        ]);
        services.TryAddSingleton(CreateDirectorySource);
        services.TryAddSingleton(CreateLedgerStore);
        return services;
    }

    // The settings of the trigger's connection name the app's identity, and the app has one.
    private static TokenCredential CreateCredential(IConfigurationSection connection)
    {
        var clientId = connection["clientId"];
        if (!string.IsNullOrWhiteSpace(clientId))
        {
            return new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(clientId));
        }
        return string.Equals(connection["credential"], "managedidentity", StringComparison.OrdinalIgnoreCase)
            ? new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned)
            : new DefaultAzureCredential();
    }

    private static ServiceBusClient CreateBusClient(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<ServiceBusOptions>>().Value;
        return string.IsNullOrWhiteSpace(options.ConnectionString)
            ? new ServiceBusClient(options.FullyQualifiedNamespace, provider.GetRequiredService<TokenCredential>())
            : new ServiceBusClient(options.ConnectionString);
    }

    private static KeyVaultKeyRing CreateKeyRing(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<KeyVaultOptions>>();
        var credential = provider.GetRequiredService<TokenCredential>();
        var clock = provider.GetService<ServiceClock>();
        return new KeyVaultKeyRing(
            vault => KeyClients.Create(vault, credential, options.Value.CertificateThumbprint, clock),
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<KeyVaultKeyRing>>());
    }

    private static CheckpointCertifier CreateCertifier(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<CheckpointKeyOptions>>();
        var vault = CreateOwnVault(provider);
        return new CheckpointCertifier(
            vault,
            key => vault.GetCryptographyClient(key.Name, key.Properties.Version),
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<CheckpointCertifier>>());
    }

    private static VaultProbe CreateVaultProbe(IServiceProvider provider) =>
        new(CreateOwnVault(provider), provider.GetRequiredService<IOptions<CheckpointKeyOptions>>());

    private static KeyClient CreateOwnVault(IServiceProvider provider) => KeyClients.Create(
        provider.GetRequiredService<IOptions<CheckpointKeyOptions>>().Value.VaultUri!,
        provider.GetRequiredService<TokenCredential>(),
        provider.GetRequiredService<IOptions<KeyVaultOptions>>().Value.CertificateThumbprint,
        provider.GetService<ServiceClock>());

    private static IDirectoryDocumentSource CreateDirectorySource(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<DirectorySourceOptions>>().Value;
        if (!string.IsNullOrWhiteSpace(options.Folder))
        {
            return new FolderDirectorySource(options.Folder, provider.GetRequiredService<ILogger<FolderDirectorySource>>());
        }

        var clientOptions = BlobOptions.Create();
        var container = options.ContainerUri is { } uri
            ? new BlobContainerClient(uri, provider.GetRequiredService<TokenCredential>(), clientOptions)
            : new BlobContainerClient(options.ConnectionString!, options.Container, clientOptions);
        return new BlobDirectorySource(container, provider.GetRequiredService<ILogger<BlobDirectorySource>>());
    }

    private static ILedgerStore CreateLedgerStore(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<LedgerStoreOptions>>().Value;
        if (!string.IsNullOrWhiteSpace(options.Folder))
        {
            return LedgerStores.OpenFolder(options.Folder, provider.GetRequiredService<TimeProvider>());
        }
        var clock = provider.GetService<ServiceClock>();
        return options.ContainerUri is { } uri
            ? LedgerStores.OpenContainer(uri, provider.GetRequiredService<TokenCredential>(), clock)
            : LedgerStores.OpenContainer(options.ConnectionString!, options.Container, clock);
    }
}

using Azure.Security.KeyVault.Keys;
using Relay.Cli.Targets;
using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Client.Mediators;
using Relay.Local;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Demo;

/// <summary>Everyone who takes part in a demo negotiation, with the keys they act with. Dispose it when the play is over.</summary>
internal sealed class Cast : IDisposable
{
    private static readonly TimeSpan KeyMaxAge = TimeSpan.FromMinutes(5);
    private readonly KeyClient _vault;

    private Cast(NegotiationDocument document, IReadOnlyDictionary<string, LocalDelegation> delegations, IReadOnlyDictionary<string, IJwsSigner> mediators, KeyClient vault)
    {
        Document = document;
        Delegations = delegations;
        Mediators = mediators;
        _vault = vault;
    }

    public NegotiationDocument Document { get; }

    public IReadOnlyDictionary<string, LocalDelegation> Delegations { get; }

    /// <summary>What the delegation would check everything with that reaches it.</summary>
    public EnvelopeInspector InspectorOf(string delegation, TimeProvider time) => new(
        Document, delegation, [Delegations[delegation].Encryption], new KeyVaultMediatorKeys(_ => _vault, KeyMaxAge, time), new StreamTracker(), null, time);

    /// <summary>Signers of the mediators the document names, by name.</summary>
    public IReadOnlyDictionary<string, IJwsSigner> Mediators { get; }

    public static async Task<Cast> GatherAsync(string stateFolder, string negotiation, KeyClient vault, CancellationToken cancellationToken)
    {
        var document = await DocumentFile.ReadAsync(stateFolder, negotiation, cancellationToken);
        var mediators = new Dictionary<string, IJwsSigner>();
        foreach (var mediator in document.Mediators.Values)
        {
            mediators[mediator.Name] = await KeyVaultEnvelopeSigner.CreateAsync(vault, KeyName(mediator), cancellationToken);
        }

        var delegations = document.Delegations.Keys.ToDictionary(name => name, name => LocalDelegation.LoadOrCreate(stateFolder, name));
        return new Cast(document, delegations, mediators, vault);
    }

    /// <summary>The signer of a key that the directory does not name.</summary>
    public async Task<IJwsSigner> StrangerAsync(CancellationToken cancellationToken)
    {
        await LocalVault.CreateSigningKeyAsync(_vault, "stranger", cancellationToken);
        return await KeyVaultEnvelopeSigner.CreateAsync(_vault, "stranger", cancellationToken);
    }

    /// <summary>A signer whose key version is of the mediator's key but disabled: it signed last while it was enabled.</summary>
    /// <param name="mediator">Name of the mediator; the version it signs with from now on is the newest again.</param>
    /// <param name="act">What is signed before the version is disabled.</param>
    public async Task<T> WithVersionDisabledAfterwardsAsync<T>(string mediator, Func<IJwsSigner, Task<T>> act, CancellationToken cancellationToken)
    {
        var name = KeyName(Document.Mediators[mediator]);
        var key = await LocalVault.CreateSigningKeyAsync(_vault, name, cancellationToken);
        var signed = await act(await KeyVaultEnvelopeSigner.CreateAsync(_vault, name, cancellationToken));
        key.Properties.Enabled = false;
        await _vault.UpdateKeyPropertiesAsync(key.Properties, cancellationToken: cancellationToken);
        return signed;
    }

    public void Dispose()
    {
        foreach (var delegation in Delegations.Values)
        {
            delegation.Dispose();
        }
    }

    private static string KeyName(NegotiationMediator mediator) => new Uri(mediator.Key).Segments[^1];
}

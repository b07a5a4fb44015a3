using Azure.Security.KeyVault.Keys;
using Relay.Azure.Ledger;
using Relay.Cli.Targets;
using Relay.Client.Delegations;
using Relay.Client.KeyVault;
using Relay.Client.Ledger;
using Relay.Client.Mediators;
using Relay.Client.Prekeys;
using Relay.Checker;
using Relay.Local;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Demo;

/// <summary>Everyone who takes part in a demo negotiation, with the keys they act with. Dispose it when the play is over.</summary>
internal sealed class Cast : IDisposable
{
    private static readonly TimeSpan KeyMaxAge = TimeSpan.FromMinutes(5);
    private readonly KeyClient _vault;

    private readonly string _ledgerFolder;
    private readonly LedgerTrust? _trust;

    private Cast(
        string stateFolder,
        NegotiationDocument document,
        IReadOnlyDictionary<string, LocalDelegation> delegations,
        IReadOnlyDictionary<string, IJwsSigner> mediators,
        KeyClient vault,
        LedgerTrust? trust)
    {
        _ledgerFolder = Path.Combine(stateFolder, "ledger");
        _trust = trust;
        Document = document;
        Delegations = delegations;
        Mediators = mediators;
        _vault = vault;
    }

    public NegotiationDocument Document { get; }

    public IReadOnlyDictionary<string, LocalDelegation> Delegations { get; }

    /// <summary>Checks what the relay signs; null when receipts are not checked.</summary>
    public LedgerTrust? Trust => _trust;

    /// <summary>True when receipts are checked.</summary>
    public bool ChecksReceipts => _trust is not null;

    /// <summary>
    /// What the delegation would check everything with that reaches it: all but the log itself, which a demo does not read.
    /// </summary>
    /// <param name="delegation">Who checks.</param>
    /// <param name="prekeys">Its private prekeys; null when it has none.</param>
    /// <param name="time">The clock.</param>
    public EnvelopeInspector InspectorOf(string delegation, PrekeyStore? prekeys, TimeProvider time) => InspectorOf(
        delegation,
        prekeys,
        _trust is null ? null : new LedgerChecks(_trust, new LedgerView(_trust.Origin), null, [Document], KeyMaxAge, time),
        time);

    /// <summary>Whoever has the delegation's keys, and asks neither the ledger nor what it has seen before.</summary>
    public EnvelopeInspector ThiefOf(string delegation, PrekeyStore prekeys, TimeProvider time) =>
        InspectorOf(delegation, prekeys, null, time);

    /// <summary>Signers of the mediators the document names, by name.</summary>
    public IReadOnlyDictionary<string, IJwsSigner> Mediators { get; }

    /// <summary>Reads the document and opens everybody's keys.</summary>
    /// <param name="relayName">The relay whose receipts are checked, with key
    /// <c>relay-checkpoint</c> of the vault; null takes envelopes without.</param>
    public static async Task<Cast> GatherAsync(
        string stateFolder, string negotiation, KeyClient vault, string? relayName, TimeProvider time, CancellationToken cancellationToken)
    {
        var document = await DocumentFile.ReadAsync(stateFolder, negotiation, cancellationToken);
        var mediators = new Dictionary<string, IJwsSigner>();
        foreach (var mediator in document.Mediators.Values)
        {
            mediators[mediator.Name] = await KeyVaultEnvelopeSigner.CreateAsync(vault, KeyName(mediator), cancellationToken);
        }

        var delegations = document.Delegations.Keys.ToDictionary(name => name, name => LocalDelegation.LoadOrCreate(stateFolder, name));
        var trust = relayName is null
            ? null
            : new LedgerTrust(
                relayName, negotiation, new Uri(vault.VaultUri, "keys/relay-checkpoint").AbsoluteUri, MediatorKeys(vault, time), time);
        return new Cast(stateFolder, document, delegations, mediators, vault, trust);
    }

    /// <summary>Checks the negotiation's ledger where it is kept; null when that is not a local stack's folder.</summary>
    public async Task<LedgerReport?> CheckLedgerAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_ledgerFolder)) return null;
        var checker = new LedgerChecker(
            new StoreToCheck(LedgerStores.ReadFolder(_ledgerFolder)),
            (id, token) => VaultPublicKeys.FindAsync(_vault, id, token),
            (id, token) => VaultPublicKeys.FindMediatorAsync(_vault, id, token));
        return (await checker.CheckAsync(null, cancellationToken)).Ledgers.SingleOrDefault(
            ledger => ledger.Negotiation == Document.Negotiation);
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
    public async Task<T> WithVersionDisabledAfterwardsAsync<T>(
        string mediator, Func<IJwsSigner, Task<T>> act, CancellationToken cancellationToken)
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
        _trust?.Dispose();
        foreach (var delegation in Delegations.Values)
        {
            delegation.Dispose();
        }
    }

    private EnvelopeInspector InspectorOf(string delegation, PrekeyStore? prekeys, LedgerChecks? checks, TimeProvider time) => new(
        Document,
        delegation,
        [Delegations[delegation].Encryption],
        MediatorKeys(_vault, time),
        new StreamTracker(),
        checks,
        time,
        prekeys);

    private static KeyVaultMediatorKeys MediatorKeys(KeyClient vault, TimeProvider time) => new(_ => vault, KeyMaxAge, time);

    private static string KeyName(NegotiationMediator mediator) => new Uri(mediator.Key).Segments[^1];
}

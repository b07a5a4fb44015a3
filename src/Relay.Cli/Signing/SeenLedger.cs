using System.CommandLine;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Client.Ledger;
using Relay.Client.Prekeys;
using Relay.Client.Storage;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Signing;

/// <summary>
/// What a sender knows of the relay when it seals: the checkpoints that it has seen, so that the relay, and whoever gets what it sends, can
/// tell whether everybody was shown the same ledger; and where it claims its addressees' one-time keys. The owner disposes it.
/// </summary>
internal sealed class SeenLedger : IDisposable
{
    // What a sender is shown with claims never takes the room of what a listener is shown with envelopes.
    private const int MostOfClaims = LedgerView.MaxUnlinked / 2;

    private readonly string _stateFolder;
    private readonly string _negotiation;
    private readonly string _sender;
    private readonly FolderDelegationStore _store;
    private readonly LedgerTrust _trust;
    private readonly HttpClient? _http;
    private readonly SeenCheckpoint? _before;

    private SeenLedger(
        string stateFolder,
        NegotiationDocument document,
        LocalDelegation sender,
        FolderDelegationStore store,
        LedgerView view,
        LedgerTrust trust,
        HttpClient? http,
        TimeProvider time)
    {
        (_stateFolder, _negotiation, _sender) = (stateFolder, document.Negotiation, sender.Name);
        (_store, _trust, _http) = (store, trust, http);
        (View, _before) = (view, view.Newest);
        Identity = new LocalSigner(sender.Identity);
        if (http is null) return;
        var peers = new PeerBundles(PrekeyTarget.FolderOf(stateFolder, sender.Name, document.Negotiation), document.Negotiation);
        Claimer = new PrekeyClaimer(http, trust, document, peers, Identity, time, view);
    }

    /// <summary>The checkpoints seen.</summary>
    public LedgerView View { get; }

    /// <summary>The sender's identity key.</summary>
    public LocalSigner Identity { get; }

    /// <summary>Claims keys; null when it is not known where the relay is.</summary>
    public PrekeyClaimer? Claimer { get; }

    /// <summary>Reads what the sender has seen.</summary>
    public static async Task<SeenLedger> ReadAsync(
        Terminal terminal,
        ParseResult parsed,
        SignOptions options,
        NegotiationDocument document,
        LocalDelegation sender,
        CancellationToken cancellationToken)
    {
        var (state, ledger, target) = (options.Target.StateFolder(parsed), options.Ledger, options.Target);
        var source = await ledger.OpenKeysAsync(parsed, target, terminal.Time, cancellationToken);
        var trust = ledger.OpenTrust(parsed, document.Negotiation, source, terminal.Time);
        var store = DelegationFolder.Open(state, sender.Name, terminal.Time);
        var seen = await store.ReadSeenAsync(document.Negotiation, trust.Origin, cancellationToken);
        var http = ledger.TryOpenApi(parsed, target, sender.Name, terminal.Time);
        return new SeenLedger(state, document, sender, store, seen.View, trust, http, terminal.Time);
    }

    /// <summary>
    /// Keeps the newest checkpoint that a claim has brought, for the sender's audit; not while a listener runs, which keeps what it sees.
    /// </summary>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        if (View.Newest == _before) return;
        using var only = ListenLock.TryTake(_stateFolder, _sender, out _);
        if (only is null) return;
        var kept = await _store.ReadSeenAsync(_negotiation, _trust.Origin, cancellationToken);
        foreach (var contradiction in View.Contradictions) kept.View.Keep(contradiction);
        if (kept.View.Unlinked.Length < MostOfClaims) kept.View.Observe(View.Checkpoints[^1], out _);
        await _store.SaveInboxAsync(_negotiation, kept, null, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Identity.Dispose();
        _http?.Dispose();
        _trust.Dispose();
    }
}

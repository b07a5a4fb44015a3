using Relay.Cli.Printing;
using Relay.Client.Ledger;
using Relay.Client.Prekeys;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Targets;

/// <summary>Looks after a delegation's prekeys while it listens, and says so when something changes.</summary>
internal static class ListenPrekeys
{
    /// <summary>
    /// As the keys that were published last are: whoever has begun with hybrid ones goes on with them. Before the first, as the encryption
    /// key is: whoever has a hybrid one is sent nothing that its prekeys leave open to a quantum computer.
    /// </summary>
    /// <param name="folder">Of the key store.</param>
    /// <param name="store">The key store.</param>
    /// <param name="encryption">The delegation's encryption key.</param>
    public static PrekeyPolicy PolicyOf(string folder, PrekeyStore store, PublicJwk encryption) =>
        PolicyOf((PrekeyInventory.Read(folder, store.Negotiation, store.Delegation).Newest?.Session ?? encryption).Kind);

    /// <summary>For keys of this kind.</summary>
    public static PrekeyPolicy PolicyOf(JwkKind kind) => kind == JwkKind.MlKem768P256 ? PrekeyPolicy.Hybrid : new PrekeyPolicy();

    /// <summary>Begins; the caller disposes it, before what it is given.</summary>
    /// <param name="terminal">Where it is said.</param>
    /// <param name="http">The relay's HTTP API.</param>
    /// <param name="trust">Verifies the relay's receipts.</param>
    /// <param name="document">The negotiation.</param>
    /// <param name="store">The private keys.</param>
    /// <param name="policy">When to publish.</param>
    /// <param name="identity">The delegation's identity key.</param>
    /// <param name="view">The checkpoints that it has seen.</param>
    /// <param name="save">Keeps these, once a receipt has brought another.</param>
    public static PrekeyKeeper Start(
        Terminal terminal,
        HttpClient http,
        LedgerTrust trust,
        NegotiationDocument document,
        PrekeyStore store,
        PrekeyPolicy policy,
        IJwsSigner identity,
        LedgerView view,
        Func<ValueTask> save)
    {
        var publisher = new PrekeyPublisher(http, trust, document, store, identity, policy, terminal.Time, view);
        var said = "";
        var keeper = new PrekeyKeeper(publisher, TellAsync, terminal.Time);
        keeper.Start();
        return keeper;

        async ValueTask TellAsync(PrekeyStatus status)
        {
            if (status.IsNew) await save();
            // Once an outage, and once a bundle: not every minute.
            var now = status.Problem.Length > 0 ? status.Problem : $"{status.Number}";
            if (now == said) return;
            said = now;
            terminal.Notes.Say($"Prekeys: {PrekeyLines.Of(status)}");
        }
    }
}

using System.Runtime.CompilerServices;
using Azure.Messaging.ServiceBus;
using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Client.Mediators;
using Relay.Client.Prekeys;
using Relay.Client.Storage;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;

namespace Relay.Client.Parties;

/// <summary>
/// A delegation in one negotiation: seals and sends, receives, opens and acknowledges, audits; and keeps what it must not lose in its
/// store. Safe for concurrent use; the owner disposes it, and whatever it was given.
/// </summary>
public sealed class DelegationClient : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);

    // While something waits for a key or the log: it is looked at again this often.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // How long the log may lag behind a receipt.
    private static readonly TimeSpan AuditPatience = TimeSpan.FromSeconds(10);

    private readonly ServiceBusClient _bus;
    private readonly DelegationClientOptions _options;
    private readonly LedgerTrust _trust;
    private readonly IDisposable _only;
    private readonly InboxState _state;
    private readonly HttpLedgerLog? _log;
    private readonly LedgerChecks _checks;
    private readonly Sealer _sealer;
    private readonly AcknowledgementOutbox? _outbox;
    private int _receiving;

    private DelegationClient(
        ServiceBusClient bus,
        DelegationClientOptions options,
        LedgerTrust trust,
        IDisposable only,
        InboxState state,
        ReadOnlyMemory<byte> unsent)
    {
        (_bus, _options, _trust, _only, _state) = (bus, options, trust, only, state);
        var document = options.Document;
        var claimer = options is { Prekeys: { } prekeys, Relay: { } asked }
            ? new PrekeyClaimer(asked, trust, document, prekeys.Peers, options.Identity, options.Time, state.View)
            : null;
        _sealer = new Sealer(document, options.Delegation, options.Identity, state.View, options.Time, claimer);
        _log = options.Relay is { } relay ? new HttpLedgerLog(relay, document.Negotiation, options.Time) : null;
        _checks = new LedgerChecks(trust, state.View, _log, Documents(), options.LinkEvery, options.Time);
        if (options is not { Acknowledges: true, Relay: { } http }) return;
        if (!AcknowledgementOutbox.TryRead(unsent.Span, out var kept))
        {
            throw new InvalidDataException("Expected acknowledgements in the store, got something else. Restore them from a copy.");
        }
        _outbox = new AcknowledgementOutbox(
            options.Identity,
            new AcknowledgementSubmitter(http, trust, document, options.Time, state.View),
            kept,
            (bytes, cancellationToken) => options.Store.SaveUnsentAsync(document.Negotiation, bytes, cancellationToken),
            (_, _, cancellationToken) => options.Store.SaveInboxAsync(document.Negotiation, state, null, cancellationToken),
            options.Time);
        _outbox.Start();
    }

    /// <summary>How many acknowledgements the relay has not logged yet, as far as is known.</summary>
    public int PendingAcknowledgements => _outbox?.Pending ?? 0;

    /// <summary>Opens a delegation on its store: one client for each delegation and negotiation at a time, across processes.</summary>
    /// <param name="bus">The delegation's Service Bus. The caller owns it.</param>
    /// <param name="options">Who it is and whom it trusts.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The options do not fit each other; the message says which.</exception>
    /// <exception cref="InvalidOperationException">Another client is open on the store.</exception>
    /// <exception cref="InvalidDataException">What is in the store is not what was kept there.</exception>
    public static async Task<DelegationClient> OpenAsync(
        ServiceBusClient bus, DelegationClientOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var negotiation = options.Document.Negotiation;
        var trust = new LedgerTrust(options.RelayName, negotiation, options.RelayKey, options.Keys, options.Time);
        IDisposable? only = null;
        try
        {
            only = await options.Store.LockInboxAsync(negotiation, cancellationToken).ConfigureAwait(false);
            var state = await options.Store.ReadInboxAsync(negotiation, trust.Origin, cancellationToken).ConfigureAwait(false);
            var unsent = await options.Store.ReadUnsentAsync(negotiation, cancellationToken).ConfigureAwait(false);
            return new DelegationClient(bus, options, trust, only, state, unsent);
        }
        catch
        {
            only?.Dispose();
            trust.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Seals the next statement of its lane's stream: the sequence is taken, and what was sealed kept, before it returns. Several at
    /// once, also in several processes, take a sequence each.
    /// </summary>
    /// <returns>
    /// The head for the mediators to sign, with its content. It has to reach the relay: all later ones of the stream wait for it.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// An addressee may not be addressed, or a rule of the format is broken; no sequence was taken.
    /// </exception>
    /// <exception cref="TimeoutException">Another process kept the stream for minutes.</exception>
    public async Task<SealedEnvelope> SealAsync(OutgoingStatement statement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var stream = new StreamId(_options.Document.Negotiation, _options.Delegation, statement.Lane);
        using var mine = await _options.Store.LockStreamAsync(stream, cancellationToken).ConfigureAwait(false);
        var position = await _options.Store.ReadPositionAsync(stream, cancellationToken).ConfigureAwait(false);
        var made = await _sealer.SealAsync(statement, position, cancellationToken).ConfigureAwait(false);
        if (made.Content.Length / 3 * 4 > EnvelopeLimits.DefaultMaxWireBytes)
        {
            throw new ArgumentException(
                $"Expected an envelope of at most {EnvelopeLimits.DefaultMaxWireBytes} bytes, the content alone takes "
                    + $"{made.Content.Length / 3 * 4}: send what is larger by another way and its hash by this one.",
                nameof(statement));
        }
        await _options.Store.AdvanceAsync(made, cancellationToken).ConfigureAwait(false);
        return made;
    }

    /// <summary>
    /// What was sealed before, to be signed and submitted again: the same envelope, which the relay drops when it has it.
    /// </summary>
    /// <returns>Null when the store has none.</returns>
    public ValueTask<SealedEnvelope?> FindSealedAsync(Lane lane, long sequence, CancellationToken cancellationToken) =>
        _options.Store.FindSealedAsync(
            new EnvelopeId(_options.Document.Negotiation, _options.Delegation, lane, sequence), cancellationToken);

    /// <summary>Seals a statement, has it signed by mediators who sign within this process, and submits it.</summary>
    /// <returns>What the relay, or its queue, said.</returns>
    /// <remarks>
    /// After a failure the statement is in the store (<see cref="FindSealedAsync"/>): submit that one again, not another.
    /// </remarks>
    /// <exception cref="ArgumentException">As <see cref="SealAsync"/>.</exception>
    /// <exception cref="EnvelopeRefusedException">The relay said no.</exception>
    public async Task<Submission> SendAsync(OutgoingStatement statement, MediatorClient mediators, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(mediators);
        var made = await SealAsync(statement, cancellationToken).ConfigureAwait(false);
        var envelope = await mediators.SignAsync(made, cancellationToken).ConfigureAwait(false);
        await _options.Store.KeepAsync(envelope, cancellationToken).ConfigureAwait(false);
        return await mediators.SubmitAsync(envelope, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// What comes to the delegation, each stream in its sender's order, everything checked: for as long as it is enumerated. Settle each
    /// message once what it said is safe; what is not settled comes again.
    /// </summary>
    /// <param name="cancellationToken">Ends it, with <see cref="OperationCanceledException"/>.</param>
    /// <remarks>One enumeration at a time. A bus that has answered once and does not now is waited for.</remarks>
    /// <exception cref="ServiceBusException">The bus was never reached, or there is no such topic.</exception>
    /// <exception cref="InvalidOperationException">Another enumeration runs.</exception>
    public async IAsyncEnumerable<InboxMessage> ReceiveAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _receiving, 1) != 0)
        {
            throw new InvalidOperationException("Expected one enumeration at a time: two would share what comes.");
        }
        try
        {
            var inbox = OpenInbox();
            await using var closing = inbox.ConfigureAwait(false);
            var reached = false;
            while (true)
            {
                InboxMessage? message = null;
                try
                {
                    message = await inbox.ReceiveAsync(inbox.WaitingForKeys == 0 ? Poll : Tick, cancellationToken).ConfigureAwait(false);
                    reached = true;
                }
                catch (ServiceBusException e) when (reached && DelegationInbox.IsNotNow(e))
                {
                    await Task.Delay(Tick, _options.Time, cancellationToken).ConfigureAwait(false);
                }
                cancellationToken.ThrowIfCancellationRequested();
                if (message is not null) yield return message;
            }
        }
        finally
        {
            Volatile.Write(ref _receiving, 0);
        }
    }

    /// <summary>
    /// Reads the whole ledger and compares it with everything that the relay has signed, with what has arrived and, by
    /// <see cref="AuditReport.Sent"/>, with what was sent.
    /// </summary>
    /// <param name="grace">An entry younger than this that has not arrived is under way, not missing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidOperationException">The options name no relay to ask.</exception>
    public async Task<AuditReport> AuditAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        if (_log is null)
        {
            throw new InvalidOperationException("Expected the relay's HTTP API in the options, an audit reads the ledger there.");
        }
        var negotiation = _options.Document.Negotiation;
        var judge = new EntryJudge(Documents(), _options.Keys);
        var auditor = new LedgerAuditor(_trust, _state.View, _log, judge, _options.Delegation, grace, AuditPatience, _options.Time);
        var arrivals = await _options.Store.ReadArrivalsAsync(negotiation, cancellationToken).ConfigureAwait(false);
        var report = await auditor.RunAsync(arrivals, cancellationToken).ConfigureAwait(false);
        await _options.Store.SaveInboxAsync(negotiation, _state, null, cancellationToken).ConfigureAwait(false);
        return report;
    }

    /// <summary>
    /// Publishes prekeys, refills and rotates them as <see cref="DelegationClientOptions.PrekeyPolicy"/> says: to be called at the start
    /// and every few hours.
    /// </summary>
    /// <exception cref="InvalidOperationException">The options name no prekeys, or no relay to publish at.</exception>
    public Task<PrekeyStatus> MaintainPrekeysAsync(CancellationToken cancellationToken) =>
        _options is { Prekeys: { } store, Relay: { } http }
            ? new PrekeyPublisher(
                http, _trust, _options.Document, store, _options.Identity, _options.PrekeyPolicy, _options.Time, _state.View)
                .MaintainAsync(cancellationToken)
            : throw new InvalidOperationException("Expected prekeys, and the relay's HTTP API to publish them at, in the options.");

    /// <summary>Waits until the relay has logged every acknowledgement, for so long at most.</summary>
    /// <returns>False when some are pending still; they are kept, and sent by the next client on the store.</returns>
    public Task<bool> DrainAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        _outbox is null ? Task.FromResult(true) : _outbox.DrainAsync(patience, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_outbox is not null) await _outbox.DisposeAsync().ConfigureAwait(false);
        _trust.Dispose();
        _only.Dispose();
    }

    private DelegationInbox OpenInbox()
    {
        var document = _options.Document;
        var inspector = new EnvelopeInspector(
            document,
            _options.Delegation,
            _options.DecryptionKeys,
            _options.Keys,
            _state.Streams,
            _checks,
            _options.Time,
            _options.Prekeys);
        return new DelegationInbox(
            _bus,
            inspector,
            _options.Order,
            (result, cancellationToken) =>
                _options.Store.SaveInboxAsync(document.Negotiation, _state, result.ToArrivalRecord(), cancellationToken),
            _options.Time,
            _outbox);
    }

    private IEnumerable<NegotiationDocument> Documents() => [_options.Document, .. _options.EarlierDocuments];
}

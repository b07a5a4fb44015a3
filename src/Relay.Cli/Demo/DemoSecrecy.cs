using System.Security.Cryptography;
using Relay.Client.Delegations;
using Relay.Client.Prekeys;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Demo;

/// <summary>
/// Shows that what was sealed to a one-time key stays closed: publishes keys of iran, has us seal to one of them, and once that envelope
/// was opened tries every key that is left. The owner disposes it.
/// </summary>
internal sealed class DemoSecrecy : IDisposable
{
    /// <summary>Who seals.</summary>
    public const string Sender = "us";

    private const string Addressee = "iran";
    private const string Text = "For your eyes, once.";

    // As many as a demo can need.
    private const int Keys = 2;

    private readonly Cast _cast;
    private readonly HttpClient _api;
    private readonly TimeProvider _time;
    private readonly PrekeyStore _store;
    private readonly string _folder;
    private GoodEnvelope? _said;

    private DemoSecrecy(Cast cast, HttpClient api, string folder, PrekeyStore store, TimeProvider time)
    {
        (_cast, _api, _folder, _store, _time) = (cast, api, folder, store, time);
    }

    /// <summary>Opens a key store of its own; null without a relay whose receipts are checked.</summary>
    public static DemoSecrecy? TryOpen(Cast cast, HttpClient? api, string folder, TimeProvider time)
    {
        if (api is null || !cast.ChecksReceipts) return null;
        var prekeys = Path.Combine(folder, "prekeys");
        using var secret = StoreSecret.FromKey(RandomNumberGenerator.GetBytes(StoreSecret.KeySize));
        var store = PrekeyStore.Open(Path.Combine(prekeys, Addressee), cast.Document.Negotiation, Addressee, secret);
        return new DemoSecrecy(cast, api, Path.Combine(prekeys, Sender), store, time);
    }

    /// <summary>The private prekeys of a delegation; null when it has none.</summary>
    public PrekeyStore? StoreOf(string delegation) => delegation == Addressee ? _store : null;

    /// <summary>What was said to a one-time key; null before.</summary>
    public GoodEnvelope? Said => Volatile.Read(ref _said);

    /// <summary>Publishes, claims, seals and signs.</summary>
    /// <param name="before">The last envelope of the stream that it continues.</param>
    /// <param name="wrong">Takes a sentence for what the relay did not do.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The envelope to send; null when no one-time key was to be had.</returns>
    public async Task<GoodEnvelope?> SealAsync(GoodEnvelope before, Action<string> wrong, CancellationToken cancellationToken)
    {
        var (document, trust) = (_cast.Document, _cast.Trust!);
        using var iran = new LocalSigner(_cast.Delegations[Addressee].Identity);
        using var us = new LocalSigner(_cast.Delegations[Sender].Identity);
        var policy = new PrekeyPolicy { Count = Keys };
        var status = await new PrekeyPublisher(_api, trust, document, _store, iran, policy, _time).MaintainAsync(cancellationToken);
        if (status.Problem.Length > 0) wrong($"The prekeys of {Addressee} were not published: {status.Problem}");
        var claimer = new PrekeyClaimer(_api, trust, document, new PeerBundles(_folder, document.Negotiation), us, _time);
        var sealer = new Sealer(document, Sender, us, null, _time, claimer);
        var statement = new OutgoingStatement
        {
            Audience = [Addressee],
            Body = System.Text.Encoding.UTF8.GetBytes(Text),
            Lane = before.Lane,
            Lifetime = TimeSpan.FromHours(1),
        };
        var made = await sealer.SealStatementAsync(statement, StreamPosition.After(HeadOf(before)), cancellationToken);
        if (!made.IsForwardSecret)
        {
            wrong($"Expected a one-time key of {Addressee}, got {made.Keys[0]}.");
            return null;
        }
        var builder = new EnvelopeBuilder(made.Envelope);
        await builder.SignAsync(_cast.Mediators["qatar"], cancellationToken);
        await builder.SignAsync(_cast.Mediators["oman"], cancellationToken);
        var said = new GoodEnvelope(made.Envelope.Id, made.Envelope.Id.Lane, Addressee, Text, builder.ToWire());
        Volatile.Write(ref _said, said);
        return said;
    }

    /// <summary>Removes the key that opened the envelope, then tries to open it again with all that is left.</summary>
    /// <param name="envelope">As it was sent.</param>
    /// <param name="wrong">Takes a sentence when it opens.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was shown, in a line.</returns>
    public async Task<string?> ShowAsync(GoodEnvelope envelope, Action<string> wrong, CancellationToken cancellationToken)
    {
        var first = await OpenAsync(envelope, cancellationToken);
        if (first.KeyId is not { } keyId || first.ReusableKey is not null)
        {
            wrong($"Expected {envelope.Id} to be opened by a one-time key, got {first.Code} {first.KeyId}.");
            return null;
        }
        // What a recipient does when it settles.
        _store.DeleteUsed([keyId]);
        var again = await OpenAsync(envelope, cancellationToken);
        if (again.Fault != InboxFault.NotOpened) wrong($"{envelope.Id} opens again after {keyId} is gone.");
        return $"{Addressee} opened {envelope.Id} by one-time key {keyId}, which is gone: no key that is left opens it again";
    }

    public void Dispose() => _store.Dispose();

    // Without a ledger and without what came before: by whoever has the keys and the bytes.
    private ValueTask<InboxResult> OpenAsync(GoodEnvelope envelope, CancellationToken cancellationToken) =>
        _cast.ThiefOf(Addressee, _store, _time).InspectAsync(envelope.Wire, null, cancellationToken);

    private static EnvelopeHead HeadOf(GoodEnvelope envelope) =>
        Envelope.TryParse(envelope.Wire, EnvelopeLimits.Default, out var read, out _, out var detail)
            ? read.Head
            : throw new InvalidOperationException($"Expected an envelope that was made here, got none: {detail}.");
}

using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Client.Prekeys;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Client.Tests.Prekeys;

/// <summary>us, who sends, and iran, who receives, each with a key store in a folder of its own, and a relay between them.</summary>
internal sealed class PrekeyParties : IDisposable
{
    private static readonly byte[] Secret = [.. Enumerable.Range(1, StoreSecret.KeySize).Select(i => (byte)i)];

    private readonly TestRelay _keys;
    private readonly LedgerTrust _trust;
    private readonly HttpClient _client;
    private readonly List<LocalSigner> _signers = [];

    public PrekeyParties()
    {
        Folder = Directory.CreateTempSubdirectory("relay-prekeys-");
        _keys = new TestRelay(Samples.Time.GetUtcNow());
        _trust = _keys.Trust(Samples.Time);
        Ledger = new TestLedger(_keys);
        PutInForce(Samples.Document.PolicyDigest);
        Relay = new PrekeyRelay(Ledger, Samples.Document.PolicyDigest, Samples.Time);
        _client = Relay.Client();
        Us = Open("us");
        Iran = Open("iran");
    }

    public Samples Samples { get; } = new();

    public DirectoryInfo Folder { get; }

    public TestLedger Ledger { get; }

    public PrekeyRelay Relay { get; }

    public PrekeyStore Us { get; private set; }

    public PrekeyStore Iran { get; private set; }

    public string FolderOf(string delegation) => Path.Combine(Folder.FullName, delegation);

    /// <summary>The ledger has a document in force from here on.</summary>
    public void PutInForce(Protocol.Text.Digest policy) =>
        Ledger.Append(new Protocol.Ledger.PolicyEntry { Version = 1, Policy = policy, At = Samples.Time.GetUtcNow() }.ToBytes());

    /// <summary>Time passes, and the relay has a checkpoint key for it.</summary>
    public void Advance(TimeSpan time)
    {
        Samples.Time.Advance(time);
        _keys.Renew(Samples.Time.GetUtcNow());
        // What was signed before is signed: the tree that is signed now is another.
        Ledger.Append(new Protocol.Ledger.HeartbeatEntry { At = Samples.Time.GetUtcNow() }.ToBytes());
    }

    public IMediatorKeys RelayKeys => _keys.Keys;

    public LedgerTrust Trust() => _keys.Trust(Samples.Time);

    public PrekeyStore Open(string delegation, byte[]? secret = null)
    {
        using var opened = StoreSecret.FromKey(secret ?? Secret);
        return PrekeyStore.Open(FolderOf(delegation), "doha-2026", delegation, opened);
    }

    /// <summary>Iran's process ends and another begins.</summary>
    public void RestartIran()
    {
        Iran.Dispose();
        Iran = Open("iran");
    }

    public PrekeyPublisher Publisher(PrekeyPolicy? policy = null) =>
        new(
            _client,
            _trust,
            Samples.Document,
            Iran,
            Signer("iran"),
            policy ?? new PrekeyPolicy { Count = 5, RefillBelow = 2 },
            Samples.Time);

    public PrekeyClaimer Claimer() => new(_client, _trust, Samples.Document, Us.Peers, Signer("us"), Samples.Time);

    public Sealer Sealer() => new(Samples.Document, "us", Signer("us"), null, Samples.Time, Claimer());

    public EnvelopeInspector Inspector(InboxState state) => new(
        Samples.Document, "iran", [Samples["iran#enc-1"]], Samples.MediatorKeys, state.Streams, null, Samples.Time, Iran);

    public void Dispose()
    {
        Us.Dispose();
        Iran.Dispose();
        _client.Dispose();
        Relay.Dispose();
        _signers.ForEach(signer => signer.Dispose());
        _trust.Dispose();
        _keys.Dispose();
        Samples.Dispose();
        Folder.Delete(recursive: true);
    }

    private LocalSigner Signer(string delegation)
    {
        var signer = new LocalSigner(Samples[$"{delegation}#1"]);
        _signers.Add(signer);
        return signer;
    }
}

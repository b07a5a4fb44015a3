using System.Globalization;
using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Benchmarks.Shapes;

/// <summary>
/// The senders of some negotiations and their one mediator, who signs. Contents are not sealed, which
/// the relay cannot tell, so that making envelopes takes little beside relaying them.
/// </summary>
internal sealed class ShapeSenders : IDisposable
{
    private const string NoVaultsKey = "https://bench.vault.azure.net/keys/m/00000000000000000000000000000000";

    private readonly PrivateJwk _mediator;
    private readonly string _keyName;
    private readonly LocalSigner _signer;
    private readonly byte[] _content;
    private readonly TimeProvider _time;
    private readonly int _batch;
    private readonly Dictionary<EnvelopeId, (Digest Last, long Sequence)> _sequences = [];
    private readonly string[] _senders;

    /// <summary>The mediator's key is in a vault that does not exist.</summary>
    public ShapeSenders(int negotiations, int senders, int bytes, int batch, TimeProvider time)
        : this(negotiations, senders, bytes, batch, time, PrivateJwk.Generate(JwkKind.P256, "m"), NoVaultsKey)
    {
    }

    /// <summary>The mediator's key is in a vault under the identifier given.</summary>
    public ShapeSenders(int negotiations, int senders, int bytes, int batch, TimeProvider time, PrivateJwk mediator, string keyId)
    {
        _batch = batch;
        _mediator = mediator;
        _keyName = keyId[..keyId.LastIndexOf('/')];
        _signer = new LocalSigner(_mediator, keyId);
        _time = time;
        _content = Encoding.ASCII.GetBytes($$"""{"ciphertext":"{{new string('A', bytes)}}"}""");
        _senders = [.. Enumerable.Range(0, senders).Select(Name)];
        Negotiations = [.. Enumerable.Range(0, negotiations).Select(n => string.Create(CultureInfo.InvariantCulture, $"bench-{n}"))];
    }

    public IReadOnlyList<string> Negotiations { get; }

    public PublicJwk MediatorKey => _mediator.Public;

    /// <param name="negotiation">One of <see cref="Negotiations"/>.</param>
    /// <param name="each">What is admitted of each sender's lane; null for any number.</param>
    public byte[] Document(string negotiation, RateLimit? each = null)
    {
        var rate = each is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $$""","rate":{"perSecond":{{each.PerSecond}},"burst":{{each.Burst}}}""");
        var members = _senders.Append(BenchNegotiation.Addressee).Select(name => $$"""
            "{{name}}":{"topic":"delegation-{{name}}"{{rate}}}
            """);
        return Encoding.UTF8.GetBytes(
            $$$"""
            {"negotiation":"{{{negotiation}}}","delegations":{ {{{string.Join(",", members)}}} },
             "mediators":{"m":{"key":"{{{_keyName}}}","weight":1}},"quorum":1,"mode":"open","version":1}
            """);
    }

    /// <summary>The next envelopes of every stream of every negotiation, each stream's by rising sequence.</summary>
    public async Task<List<byte[][]>> NextAsync(int ofEachStream, CancellationToken cancellationToken)
    {
        var streams = new List<EnvelopeBuilder[]>();
        foreach (var negotiation in Negotiations)
        {
            foreach (var sender in _senders)
            {
                streams.Add([.. Enumerable.Range(0, ofEachStream).Select(_ => new EnvelopeBuilder(Make(negotiation, sender)))]);
            }
        }

        // In the order in which they would come: a batch holds a few of each of many streams.
        var all = Enumerable.Range(0, ofEachStream).SelectMany(i => streams.Select(stream => stream[i]));
        foreach (var chunk in all.Chunk(_batch))
        {
            var signed = await HeadBatch.SignAsync([.. chunk.Select(builder => builder.Head)], _signer, cancellationToken);
            for (var i = 0; i < chunk.Length; i++) chunk[i].Attach(signed[i]);
        }

        return streams.ConvertAll(stream => Array.ConvertAll(stream, builder => builder.ToWire()));
    }

    /// <summary>The next envelopes of one sender's stream.</summary>
    public async Task<List<byte[]>> NextAsync(string negotiation, int sender, int count, CancellationToken cancellationToken)
    {
        var made = new List<byte[]>(count);
        while (made.Count < count) made.Add(await NextAsync(negotiation, sender, notBefore: null, cancellationToken));
        return made;
    }

    /// <summary>The next envelope of one sender's stream.</summary>
    public async Task<byte[]> NextAsync(string negotiation, int sender, DateTimeOffset? notBefore, CancellationToken cancellationToken)
    {
        var builder = new EnvelopeBuilder(Make(negotiation, _senders[sender], notBefore));
        await builder.SignAsync(_signer, cancellationToken);
        return builder.ToWire();
    }

    public void Dispose()
    {
        _signer.Dispose();
        _mediator.Dispose();
    }

    private static string Name(int sender) => string.Create(CultureInfo.InvariantCulture, $"d{sender}");

    private SealedEnvelope Make(string negotiation, string sender, DateTimeOffset? notBefore = null)
    {
        var stream = new EnvelopeId(negotiation, sender, Lane.Normal, 1);
        var (previous, sequence) = _sequences.GetValueOrDefault(stream);
        var now = _time.GetUtcNow();
        var made = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = stream with { Sequence = sequence + 1 },
            Audience = [BenchNegotiation.Addressee],
            Previous = sequence == 0 ? null : previous,
            IssuedAt = now,
            NotBefore = notBefore,
            ExpiresAt = now + TimeSpan.FromHours(1),
            Content = _content,
        });
        _sequences[stream] = (made.Digest, sequence + 1);
        return made;
    }
}

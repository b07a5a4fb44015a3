using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;

namespace Relay.Benchmarks;

/// <summary>A negotiation whose every key is made in this process, so that envelopes can be made faster than a vault signs.</summary>
internal sealed class BenchNegotiation
{
    public const string Name = "bench-2026";
    public const string Sender = "us";
    public const string Addressee = "iran";

    private readonly PrivateJwk _identity = PrivateJwk.Generate(JwkKind.P256, "us#1");
    private readonly PrivateJwk _encryption = PrivateJwk.Generate(JwkKind.P256, "iran#enc-1");
    private readonly string[] _keyIds;
    private readonly Dictionary<Lane, Relay.Protocol.Text.Digest> _previous = [];

    private BenchNegotiation(IReadOnlyList<PrivateJwk> keys, string[] keyIds)
    {
        MediatorKeys = keys;
        _keyIds = keyIds;
        Document = JsonSerializer.SerializeToUtf8Bytes(Describe());
    }

    /// <summary>The directory document; each mediator weighs 1 and all must sign.</summary>
    public byte[] Document { get; }

    public IReadOnlyList<PrivateJwk> MediatorKeys { get; }

    /// <summary>Their identifiers, with version.</summary>
    public IReadOnlyList<string> KeyIds => _keyIds;

    /// <summary>Makes mediators with keys in a vault that does not exist.</summary>
    public static BenchNegotiation Create(int mediators)
    {
        var keys = Enumerable.Range(0, mediators).Select(i => PrivateJwk.Generate(JwkKind.P256, $"mediator-bench-{i}")).ToList();
        return new BenchNegotiation(keys, [.. keys.Select(key => $"https://bench.vault.azure.net/keys/{key.KeyId}/{new string('0', 32)}")]);
    }

    /// <summary>Takes mediators whose keys are in a vault under the identifiers given.</summary>
    public static BenchNegotiation Create(IReadOnlyList<PrivateJwk> keys, IEnumerable<Uri> keyIds) =>
        new(keys, [.. keyIds.Select(id => id.AbsoluteUri)]);

    /// <summary>The next envelope of the normal lane; call with 1, 2, 3, ...</summary>
    public Task<byte[]> EnvelopeAsync(long sequence, int contentBytes, TimeProvider time, CancellationToken cancellationToken) =>
        EnvelopeAsync(Lane.Normal, sequence, contentBytes, time, cancellationToken);

    /// <summary>The next envelope of a lane; call with 1, 2, 3, ... for each.</summary>
    public async Task<byte[]> EnvelopeAsync(
        Lane lane, long sequence, int contentBytes, TimeProvider time, CancellationToken cancellationToken)
    {
        var builder = new EnvelopeBuilder(await SealAsync(lane, sequence, contentBytes, time, cancellationToken));
        for (var i = 0; i < MediatorKeys.Count; i++)
        {
            using var mediator = new LocalSigner(MediatorKeys[i], _keyIds[i]);
            await builder.SignAsync(mediator, cancellationToken);
        }

        return builder.ToWire();
    }

    /// <summary>The stream's first envelopes, each mediator's signatures in batches of a size; 1 for signatures each for itself.</summary>
    public async Task<IReadOnlyList<byte[]>> BatchesAsync(
        int count, int contentBytes, int batch, TimeProvider time, CancellationToken cancellationToken)
    {
        var builders = new List<EnvelopeBuilder>();
        for (var i = 1; i <= count; i++)
        {
            builders.Add(new EnvelopeBuilder(await SealAsync(Lane.Normal, i, contentBytes, time, cancellationToken)));
        }
        for (var i = 0; i < MediatorKeys.Count; i++)
        {
            using var mediator = new LocalSigner(MediatorKeys[i], _keyIds[i]);
            foreach (var chunk in builders.Chunk(batch))
            {
                var signed = await HeadBatch.SignAsync(chunk.Select(builder => builder.Head).ToList(), mediator, cancellationToken);
                for (var j = 0; j < chunk.Length; j++) chunk[j].Attach(signed[j]);
            }
        }

        return builders.ConvertAll(builder => builder.ToWire());
    }

    private async Task<SealedEnvelope> SealAsync(
        Lane lane, long sequence, int contentBytes, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = new EnvelopeId(Name, Sender, lane, sequence);
        using var identity = new LocalSigner(_identity);
        var statement = new StatementDraft
        {
            Id = id,
            Audience = [Addressee],
            ContentType = "application/octet-stream",
            Body = new byte[contentBytes],
        };
        var now = time.GetUtcNow();
        var made = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = id,
            Audience = [Addressee],
            Previous = sequence == 1 ? null : _previous[lane],
            IssuedAt = now,
            ExpiresAt = now + TimeSpan.FromHours(1),
            Content = await ContentSealer.SealAsync(statement, identity, [_encryption.Public], cancellationToken),
        });
        _previous[lane] = made.Digest;
        return made;
    }

    private JsonObject Describe() => new()
    {
        ["negotiation"] = Name,
        ["delegations"] = new JsonObject
        {
            [Sender] = new JsonObject
            {
                ["topic"] = "delegation-us",
                ["identityKeys"] = new JsonArray(JsonNode.Parse(_identity.Public.ToJson())),
            },
            [Addressee] = new JsonObject
            {
                ["topic"] = "delegation-iran",
                ["encryptionKeys"] = new JsonArray(JsonNode.Parse(_encryption.Public.ToJson())),
            },
        },
        ["mediators"] = new JsonObject(MediatorKeys.Select((key, i) => KeyValuePair.Create<string, JsonNode?>($"m{i}", new JsonObject
        {
            ["key"] = _keyIds[i][.._keyIds[i].LastIndexOf('/')],
            ["weight"] = 1,
        }))),
        ["quorum"] = MediatorKeys.Count,
        ["mode"] = "open",
        ["version"] = 1,
    };
}

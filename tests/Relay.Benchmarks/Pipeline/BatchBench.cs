using Relay.Client.Mediators;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.Benchmarks.Pipeline;

/// <summary>
/// What batches of signatures save: the pipeline up to the commit over envelopes that are signed each for itself or in batches, beside bare
/// verifications, by this process's processor time, which a busy machine leaves as it is; and how often the key is called for heads that
/// come at a steady rate, counted by a clock that stands still in between.
/// </summary>
internal sealed class BatchBench(TimeProvider time)
{
    private const int Envelopes = 1024;
    private const int ContentBytes = 256;

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(500);
    private static readonly (string Name, int Mediators, int Batch)[] Cases =
    [
        ("one signature of its own", 1, 1), ("three of their own", 3, 1), ("one of a batch of 64", 1, 64),
        ("one of a batch of 1,024", 1, 1024), ("three of batches of 1,024", 3, 1024),
    ];

    /// <summary>Each case's rates, in turns with bare verifications.</summary>
    /// <param name="rounds">Slices of each, the first of which only warms.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<BatchFigures>> MeasureAsync(int rounds, CancellationToken cancellationToken)
    {
        var benches = new List<PipelineBench>();
        try
        {
            foreach (var (_, mediators, batch) in Cases)
            {
                benches.Add(await PipelineBench.CreateAsync(ContentBytes, mediators, batch, Envelopes, time, cancellationToken));
            }
            var results = Cases.Select(one => new BatchFigures(one.Name, one.Mediators)).ToList();
            for (var round = 0; round <= rounds; round++)
            {
                for (var i = 0; i < benches.Count; i++)
                {
                    var envelopes = await PerSecondAsync(() => benches[i].ExamineAsync(cancellationToken));
                    var bare = await PerSecondAsync(() =>
                    {
                        benches[i].VerifyBare();
                        return Task.CompletedTask;
                    });
                    if (round > 0) results[i].Add(envelopes, bare);
                }
            }
            return results;
        }
        finally
        {
            foreach (var bench in benches) await bench.DisposeAsync();
        }
    }

    /// <summary>Calls of the key for 1,000 heads at a steady rate.</summary>
    /// <param name="perSecond">The rate.</param>
    /// <param name="maxHeads">Most in a batch.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<double> CallsAsync(int perSecond, int maxHeads, CancellationToken cancellationToken)
    {
        var count = Math.Max(1000, perSecond);
        var clock = new ManualTimeProvider();
        using var key = PrivateJwk.Generate(JwkKind.P256, "mediator-bench-0");
        using var local = new LocalSigner(key, $"https://bench.vault.azure.net/keys/{key.KeyId}/{new string('0', 32)}");
        var signer = new CountingSigner(local);
        var head = SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = new EnvelopeId(BenchNegotiation.Name, BenchNegotiation.Sender, Lane.Normal, 1),
            Audience = [BenchNegotiation.Addressee],
            IssuedAt = clock.GetUtcNow(),
            ExpiresAt = clock.GetUtcNow().AddHours(1),
            Content = "{}"u8.ToArray(),
        }).Head;
        var options = new BatchSigningOptions { MaxHeads = maxHeads, MaxPending = Math.Max(count, maxHeads) };
        await using (var batches = new BatchSigner(signer, options, clock))
        {
            var signed = new List<Task<SignedHead>>();
            for (var i = 0; i < count; i++)
            {
                signed.Add(batches.SignAsync(head, cancellationToken));
                clock.Advance(TimeSpan.FromTicks(TimeSpan.TicksPerSecond / perSecond));
            }
            clock.Advance(options.MaxWait);
            await Task.WhenAll(signed);
        }
        return signer.Calls * 1000.0 / count;
    }

    private async Task<double> PerSecondAsync(Func<Task> act)
    {
        var count = 0;
        var started = time.GetTimestamp();
        var before = Environment.CpuUsage.TotalTime;
        while (time.GetElapsedTime(started) < Slice)
        {
            await act();
            count++;
        }

        return count / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private sealed class CountingSigner(LocalSigner signer) : IJwsSigner
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public string KeyId => signer.KeyId;

        public JwsAlgorithm Algorithm => signer.Algorithm;

        public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            return signer.SignAsync(hash, cancellationToken);
        }
    }
}

using Relay.Client.Mediators;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing;

namespace Relay.Client.Tests.Mediators;

/// <summary>
/// Random traffic, random cancellations, and a clock that a test moves: what is signed together is what a plain model of the rule says, and
/// nobody ever waits longer than the option for others.
/// </summary>
public sealed class BatchTrafficTests
{
    [Fact]
    public async Task SignAsync_RandomTraffic_IsBatchedAsTheRuleSays()
    {
        for (var run = 0; run < 30; run++)
        {
            var seed = Random.Shared.Next();
            await RunAsync(new Random(seed), $"seed {seed}");
        }
    }

    private static async Task RunAsync(Random random, string seed)
    {
        var time = new ManualTimeProvider();
        using var key = new MediatorKeyFake();
        var options = new BatchSigningOptions { MaxHeads = random.Next(1, 12), MaxWait = TimeSpan.FromMilliseconds(random.Next(1, 51)) };
        var model = new Model(options);
        var heads = MediatorKeyFake.HeadsToSign(random.Next(1, 60));
        var tasks = new List<(Task<SignedHead> Task, CancellationTokenSource Source)>();
        await using (var batches = new BatchSigner(key, options, time))
        {
            while (tasks.Count < heads.Count)
            {
                var step = TimeSpan.FromMilliseconds(random.Next(0, 4) == 0 ? random.Next(0, 80) : 0);
                model.Advance(step);
                time.Advance(step);
                var source = new CancellationTokenSource();
                model.Arrive(tasks.Count);
                tasks.Add((batches.SignAsync(heads[tasks.Count], source.Token), source));
                if (random.Next(0, 5) != 0 || model.TakeWaiting(random) is not { } gone) continue;
                await tasks[gone].Source.CancelAsync();
            }
            model.Advance(options.MaxWait);
            time.Advance(options.MaxWait);
        }

        var groups = new Dictionary<Digest, List<int>>();
        for (var i = 0; i < tasks.Count; i++)
        {
            if (model.Cancelled.Contains(i))
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TestDeadline.Within(tasks[i].Task));
                continue;
            }
            var signed = await TestDeadline.Within(tasks[i].Task);
            key.AssertSigned(signed, heads[i]);
            var value = signed.Signatures[0].Value.Span;
            var isBatch = BatchSignature.TryRead(value, out var read);
            Assert.Equal(signed.Signatures[0].Algorithm == JwsAlgorithm.MTES256, isBatch);
            var root = Digest.Of(isBatch ? read.RootSignature : value);
            if (!groups.TryGetValue(root, out var group)) groups[root] = group = [];
            Assert.True(!isBatch || (read.Index == group.Count && read.TreeSize > 1), seed);
            group.Add(i);
        }
        foreach (var (_, source) in tasks) source.Dispose();
        Assert.True(Lines(model.Closed).SequenceEqual(Lines(groups.Values)), seed);
        Assert.Equal(model.Closed.Count, key.Calls);
        Assert.True(model.LongestWait <= options.MaxWait, seed);
    }

    private static IEnumerable<string> Lines(IEnumerable<IReadOnlyList<int>> groups) => groups.Select(group => string.Join(' ', group));

    /// <summary>The rule, as its documentation says it.</summary>
    private sealed class Model(BatchSigningOptions options)
    {
        private readonly List<(int Head, TimeSpan At)> _gathering = [];
        private TimeSpan _now;
        private TimeSpan? _last;

        public List<IReadOnlyList<int>> Closed { get; } = [];

        public HashSet<int> Cancelled { get; } = [];

        public TimeSpan LongestWait { get; private set; }

        public void Advance(TimeSpan by)
        {
            _now += by;
            if (_gathering.Count > 0 && _last + options.MaxWait <= _now) Close(_last!.Value + options.MaxWait);
        }

        public void Arrive(int head)
        {
            _gathering.Add((head, _now));
            if (_last is null || _now >= _last + options.MaxWait || _gathering.Count == options.MaxHeads) Close(_now);
        }

        /// <summary>One that waits still, cancelled now; null when none does.</summary>
        public int? TakeWaiting(Random random)
        {
            var waiting = _gathering.Where(one => !Cancelled.Contains(one.Head)).ToList();
            if (waiting.Count == 0) return null;
            var gone = waiting[random.Next(waiting.Count)].Head;
            Cancelled.Add(gone);
            return gone;
        }

        private void Close(TimeSpan at)
        {
            var live = _gathering.Where(one => !Cancelled.Contains(one.Head)).ToList();
            if (live.Count > 0) Closed.Add([.. live.Select(one => one.Head)]);
            foreach (var (_, came) in live) LongestWait = at - came > LongestWait ? at - came : LongestWait;
            _last = at;
            _gathering.Clear();
        }
    }
}

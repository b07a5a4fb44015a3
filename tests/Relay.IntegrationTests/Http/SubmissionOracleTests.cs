using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.IntegrationTests.Http;

/// <summary>
/// The membership oracle, stated: somebody who knows how a negotiation's mediators sign, but has no signature of theirs, posts envelopes to
/// the genuine host and worker, over a negotiation that exists and over names that are made up, one after another in an order drawn from
/// a seed. It must not be possible to tell which was which, by status, headers, body or time.
/// </summary>
/// <remarks>
/// <para>Some posts without times; as many as the environment variable RELAY_ORACLE_POSTS says with them, half over the existing name. Made
/// up are a name that comes again and again, which the relay remembers, and names that come once, which it reads of the directory or of a
/// listing.</para>
/// <para>Times are compared by the Mann-Whitney U test (normal approximation, ties by middle ranks), the existing name against each kind of
/// made-up ones: no sample may be told from the other at p below 0.001, nor the chance that one of the first is slower than one of the
/// second be further than 0.03 from a half.</para>
/// </remarks>
[Collection(RelayedEnvelope.Collection)]
public sealed class SubmissionOracleTests(RelayedEnvelope relayed, ITestOutputHelper output)
{
    private const string Variable = "RELAY_ORACLE_POSTS";
    private const double LeastProbability = 0.001;
    private const double MostDifference = 0.03;

    // Fewer than the worker's threads need to wait for each other, so that what is measured is the relay.
    private const int AtOnce = 8;

    [Fact]
    public async Task Post_OverAnExistingNameOrOneMadeUp_CannotBeToldApart()
    {
        var isTimed = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var posts);
        if (!isTimed) posts = 24;
        var seed = Random.Shared.Next();
        output.WriteLine($"{posts} posts, seed {seed}");
        var random = new Random(seed);
        // What was looked up once: the first post of all is not measured.
        await PostAsync(await ForgeAsync("exists", 0));
        var kinds = new[] { "exists", "exists", "made up", "made up once" };
        var tries = new List<(string Kind, byte[] Wire)>();
        for (var number = 0; number < posts; number++) tries.Add((kinds[number % 4], await ForgeAsync(kinds[number % 4], number)));
        var order = tries.ToArray();
        random.Shuffle(order);
        var answers = new ConcurrentDictionary<string, byte>();
        var times = kinds.Distinct().ToDictionary(kind => kind, _ => new ConcurrentQueue<double>());
        await Parallel.ForEachAsync(
            order,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken },
            async (one, _) =>
            {
                var (answer, elapsed) = await PostAsync(one.Wire);
                answers.TryAdd(answer, 0);
                times[one.Kind].Enqueue(elapsed.TotalMilliseconds);
            });

        Assert.StartsWith("422 ", Assert.Single(answers.Keys), StringComparison.Ordinal);
        if (!isTimed) return;
        foreach (var madeUp in new[] { "made up", "made up once" }) Compare(times["exists"], times[madeUp], madeUp);
        // The test tells apart what can be: half a millisecond on a quarter of a second.
        var (p, _) = RankSum([.. times["exists"]], [.. times["exists"].Select(static time => time + 0.5)]);
        Assert.True(p < LeastProbability, $"expected to notice half a millisecond, p is {p}");
    }

    [Fact]
    public void RankSum_OfWhatCanBeComputedByHand_IsThat()
    {
        // U = 0 of 9, mean 4.5, deviation sqrt(9 * 7 / 12): z = -1.964, p = 0.0495.
        var (p, slower) = RankSum([1, 2, 3], [4, 5, 6]);
        Assert.Equal((0.0495, 0d), (Math.Round(p, 4), slower));
        (p, slower) = RankSum([1, 2, 3], [1, 2, 3]);
        Assert.Equal((1d, 0.5), (Math.Round(p, 6), slower));
    }

    private void Compare(IEnumerable<double> exists, IEnumerable<double> other, string kind)
    {
        double[] first = [.. exists.Order()];
        double[] second = [.. other.Order()];
        var (p, slower) = RankSum(first, second);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"exists ({first.Length}): median {first[first.Length / 2]:0.00} ms, p99 {first[first.Length * 99 / 100]:0.00}; {kind} "
                + $"({second.Length}): {second[second.Length / 2]:0.00}, {second[second.Length * 99 / 100]:0.00}; "
                + $"p {p:0.0000}, slower {slower:0.0000}"));
        Assert.True(p >= LeastProbability, $"{kind}: told apart by time, p {p}");
        Assert.InRange(slower, 0.5 - MostDifference, 0.5 + MostDifference);
    }

    // Two-sided p, and the chance that one of the first is greater than one of the second.
    private static (double P, double Greater) RankSum(double[] first, double[] second)
    {
        var all = first.Select(static value => (Value: value, IsFirst: true))
            .Concat(second.Select(static value => (Value: value, IsFirst: false)))
            .OrderBy(static pair => pair.Value).ToArray();
        double n1 = first.Length, n2 = second.Length, n = all.Length, ranks = 0, ties = 0;
        for (int i = 0, end; i < all.Length; i = end)
        {
            for (end = i; end < all.Length && all[end].Value == all[i].Value; end++) { }
            var middle = (i + 1 + end) / 2d;
            ranks += middle * all[i..end].Count(static pair => pair.IsFirst);
            double count = end - i;
            ties += (count * count * count) - count;
        }

        var u = ranks - (n1 * (n1 + 1) / 2);
        var deviation = Math.Sqrt(n1 * n2 / 12 * (n + 1 - (ties / (n * (n - 1)))));
        return (TwoSided((u - (n1 * n2 / 2)) / deviation), u / (n1 * n2));
    }

    // Abramowitz and Stegun, 7.1.26: to 1.5e-7.
    private static double TwoSided(double z)
    {
        var x = Math.Abs(z) / Math.Sqrt(2);
        var t = 1 / (1 + (0.3275911 * x));
        var sum = ((((((((1.061405429 * t) - 1.453152027) * t) + 1.421413741) * t) - 0.284496736) * t) + 0.254829592) * t;
        return sum * Math.Exp(-x * x);
    }

    // With a mediator's key named and a signature that is none: what somebody has who has seen one envelope, or a vault's address.
    private async Task<byte[]> ForgeAsync(string kind, int number)
    {
        var name = kind switch
        {
            "exists" => relayed.Negotiation,
            "made up" => "geneva-1985",
            _ => $"geneva-{number:000000}",
        };
        return await relayed.ForgeAsync(name, number + 1);
    }

    private async Task<(string Answer, TimeSpan Elapsed)> PostAsync(byte[] wire)
    {
        using var content = new ByteArrayContent(wire);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(Envelope.MediaType);
        var started = TimeProvider.System.GetTimestamp();
        using var answer = await relayed.Nobody.PostAsync(
            new Uri("api/envelopes", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        var text = new StringBuilder().Append((int)answer.StatusCode).Append(' ');
        foreach (var header in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not "Date"))
        {
            text.Append(header.Key).Append('=').AppendJoin(',', header.Value).Append(' ');
        }

        text.Append(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (text.ToString(), elapsed);
    }
}

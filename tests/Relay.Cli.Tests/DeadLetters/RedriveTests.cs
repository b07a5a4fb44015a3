using System.Text;
using Relay.DeadLetters;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Envelopes;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Cli.Tests.DeadLetters;

/// <summary>A redrive is cut anywhere, any number of times, and goes on: nothing is lost, and what goes twice is known.</summary>
public sealed class RedriveTests
{
    private static readonly IProgress<RedriveProgress> Nobody = new SynchronousProgress<RedriveProgress>(_ => { });
    private static readonly DeadLetterFilter Bad = new() { Reason = "bad" };

    private readonly ManualTimeProvider _time = new();
    private readonly MemoryLedgerStore _store = new();
    private readonly List<OperatorLogHead> _told = [];
    private MemoryDeadLetters _bus = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_CutAtEveryCallTwice_PutsEachBackInOrderAndKnowsWhatItPutBackTwice(bool after)
    {
        Fill();
        var whole = await RunToEndAsync();
        Assert.Equal(0, whole.PerhapsTwice);
        var calls = _bus.Calls;
        for (var cut = 1; cut <= calls; cut++)
        {
            _bus = new MemoryDeadLetters { FailAt = cut, FailsAfter = after };
            foreach (var name in await NamesAsync()) await _store.DeleteAsync(name, CancellationToken.None);
            Fill();
            var expected = _bus.Letters.Where(message => Bad.Takes(message.Letter)).Select(BodyOf).ToList();
            var cuts = 0;
            var twice = 0;
            RedriveResult? result = null;
            while (result is null)
            {
                try
                {
                    result = await RunToEndAsync();
                    twice += result.PerhapsTwice;
                }
                catch (IOException)
                {
                    // The process is gone, and its locks some time later; the next one is cut a few calls on, once more.
                    _bus.EndLocks();
                    if (++cuts == 1) _bus.FailAt = _bus.Calls + 3;
                }
            }

            var sent = _bus.Sent.Select(copy => Encoding.UTF8.GetString(copy.Body.Span)).ToList();
            Assert.Equal(expected.Order(StringComparer.Ordinal), sent.Distinct().Order(StringComparer.Ordinal));
            Assert.InRange(sent.Count - expected.Count, 0, 64 * cuts);
            // A batch that was sent and whose answer was lost is put back again, and the plan says so.
            if (sent.Count > expected.Count) Assert.True(twice > 0);
            Assert.Equal(0, result.Left);
            Assert.DoesNotContain(_bus.Letters, message => Bad.Takes(message.Letter));
            Assert.Equal(3, _bus.Letters.Count());
            foreach (var stream in sent.Distinct().GroupBy(text => text[..text.LastIndexOf('/')]))
            {
                var sequences = stream.Select(text => EnvelopeId.TryParse(text, out var id) ? id.Sequence : 0).ToList();
                Assert.Equal(sequences.Order(), sequences);
            }
        }
    }

    [Fact]
    public async Task Run_StoppedByItsOperator_EndsTheBatchAndGoesOnWithoutAnythingTwice()
    {
        for (var i = 1; i <= 300; i++) Add(new EnvelopeId("doha", "us", Lane.Normal, i), "bad");
        using var stop = new CancellationTokenSource();
        var run = await OpenAsync();
        var progress = new SynchronousProgress<RedriveProgress>(value =>
        {
            if (value.Done >= 100) stop.Cancel();
        });
        var first = await new Redrive(_bus, run, 0, _time, progress).RunAsync(await PlanAsync(run), Bad, stop.Token);
        Assert.True(first.IsInterrupted);
        Assert.Equal(128, first.Done);
        Assert.Equal(OperatorAct.RedriveEnd, run.Log.Entries[^1].Act);

        var second = await RunToEndAsync();
        Assert.Equal((172, 0), (second.Done, second.PerhapsTwice));
        Assert.Equal(300, _bus.Sent.Count);
        Assert.Empty(_bus.Letters);
    }

    // A batch in one go would stand before whatever others send meanwhile.
    [Theory]
    [InlineData(10, 1, 100)]
    [InlineData(200, 10, 50)]
    [InlineData(2000, 64, 32)]
    public async Task Run_WithARate_SendsInSlicesAndWaitsForEach(int rate, int slice, int milliseconds)
    {
        var count = (2 * slice) + 1;
        for (var i = 1; i <= count; i++) Add(new EnvelopeId("doha", "us", Lane.Normal, i), "bad");
        var run = await OpenAsync();
        var plan = await PlanAsync(run);
        var pause = TimeSpan.FromMilliseconds(milliseconds);
        var redrive = new Redrive(_bus, run, rate, _time, Nobody).RunAsync(plan, Bad, CancellationToken.None);
        for (var sent = slice; sent < count; sent += slice)
        {
            await TestDeadline.Until(() => _bus.Sent.Count == sent && _time.IsArmed(pause), $"{sent} and a wait");
            _time.Advance(pause);
        }

        Assert.Equal(count, (await TestDeadline.Within(redrive)).Done);
    }

    [Fact]
    public async Task Run_CutBetweenTwoSlices_KnowsThatTheBatchMayBeThere()
    {
        for (var i = 1; i <= 30; i++) Add(new EnvelopeId("doha", "us", Lane.Normal, i), "bad");
        var run = await OpenAsync();
        var plan = await PlanAsync(run);
        var redrive = new Redrive(_bus, run, 200, _time, Nobody).RunAsync(plan, Bad, CancellationToken.None);
        var pause = TimeSpan.FromMilliseconds(50);
        await TestDeadline.Until(() => _bus.Sent.Count == 10 && _time.IsArmed(pause), "the first ten and a wait");
        _bus.FailAt = _bus.Calls + 1;
        _time.Advance(pause);
        await Assert.ThrowsAsync<IOException>(() => TestDeadline.Within(redrive));
        Assert.Equal(10, _bus.Sent.Count);

        var second = await RunToEndAsync();
        Assert.Equal((30, 30), (second.Done, second.PerhapsTwice));
        Assert.Equal(40, _bus.Sent.Count);
        Assert.Empty(_bus.Letters);
    }

    [Fact]
    public async Task Plan_OfAMarkThatAProducerWrote_DoesNotTakeItsWord()
    {
        Add(new EnvelopeId("doha", "us", Lane.Normal, 1), "bad");
        var victim = Assert.Single(_bus.Letters).Letter.Key;
        var forged = new RedriveMarker("0123456789abcdef", victim);
        _bus.Add(new EnvelopeId("doha", "iran", Lane.Normal, 1), "bad", "x"u8.ToArray(), marker: forged);
        var plan = await PlanAsync(await OpenAsync());
        Assert.Empty(plan.Sent);
        Assert.Equal(2, plan.Ordered.Count);
    }

    [Fact]
    public async Task Plan_OfWhatHasExpiredOrHasNoBody_LeavesItThere()
    {
        _bus.Add(new EnvelopeId("doha", "us", Lane.Normal, 1), "bad", "x"u8.ToArray(), _time.GetUtcNow());
        _bus.Add(new EnvelopeId("doha", "us", Lane.Normal, 2), "bad", "y"u8.ToArray(), _time.GetUtcNow().AddSeconds(1));
        _bus.Add(null, "bad", ReadOnlyMemory<byte>.Empty);
        var plan = await PlanAsync(await OpenAsync());
        Assert.Equal((1, 2), (plan.Ordered.Count, plan.Hopeless));
    }

    [Fact]
    public async Task Drop_OfSome_LogsWhichAndWhyBeforeTheyGo()
    {
        Fill();
        var run = await OpenAsync();
        var letters = (await PlanAsync(run)).Ordered;
        var result = await new Drop(_bus, run, Nobody)
            .RunAsync(letters, Bad, "made by a fault of ours", CancellationToken.None);
        Assert.Equal((letters.Count, 0), (result.Done, result.Left));
        Assert.Equal(3, _bus.Letters.Count());
        Assert.Empty(_bus.Sent);
        var log = await OperatorLog.ReadAsync(_store, CancellationToken.None);
        Assert.Equal("made by a fault of ours", log.Entries[0].Because);
        Assert.Equal(letters.Select(OperatorLogItem.Of), log.Entries.SelectMany(entry => entry.Items ?? []));
        Assert.Equal(OperatorAct.DropEnd, log.Entries[^1].Act);
    }

    [Fact]
    public async Task Run_WhenNobodyCanBeTold_ChangesNothing()
    {
        Fill();
        var before = _bus.Letters.Count();
        var log = await OperatorLog.ReadAsync(_store, CancellationToken.None);
        var run = new OperatorRun(log, "test", "bus", _time, (_, _, _) => throw new IOException("no topic"));
        var plan = await PlanAsync(run);
        await Assert.ThrowsAsync<IOException>(() => new Redrive(_bus, run, 0, _time, Nobody).RunAsync(plan, Bad, CancellationToken.None));
        Assert.Equal(before, _bus.Letters.Count());
        Assert.Empty(_bus.Sent);
    }

    private static string BodyOf(DeadLetterMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    // Out of order, several streams on both lanes, and some that are not meant among them.
    private void Fill()
    {
        for (var i = 1; i <= 30; i++)
        {
            if (i % 10 == 0) Add(new EnvelopeId("doha", "iran", Lane.Normal, i), "other");
            Add(new EnvelopeId("doha", i % 2 == 0 ? "us" : "iran", i % 5 == 0 ? Lane.Urgent : Lane.Normal, 100 + ((i * 7) % 31)), "bad");
        }
    }

    private void Add(EnvelopeId id, string reason) => _bus.Add(id, reason, Encoding.UTF8.GetBytes(id.ToString()));

    private async Task<RedriveResult> RunToEndAsync()
    {
        var run = await OpenAsync();
        var redrive = new Redrive(_bus, run, 0, _time, Nobody);
        return await redrive.RunAsync(await PlanAsync(run), Bad, CancellationToken.None);
    }

    private async Task<OperatorRun> OpenAsync() => new(
        await OperatorLog.ReadAsync(_store, CancellationToken.None), "test", "bus", _time, (_, head, _) =>
        {
            _told.Add(head);
            return Task.CompletedTask;
        });

    private async Task<RedrivePlan> PlanAsync(OperatorRun run)
    {
        var letters = new List<DeadLetter>();
        await foreach (var letter in DeadLetterSurvey.ReadAsync(_bus, Bad, CancellationToken.None)) letters.Add(letter);
        return RedrivePlan.Of(letters, run.Before, _time.GetUtcNow());
    }

    private async Task<List<string>> NamesAsync()
    {
        var names = new List<string>();
        await foreach (var name in _store.ListAsync("", CancellationToken.None)) names.Add(name);
        return names;
    }
}

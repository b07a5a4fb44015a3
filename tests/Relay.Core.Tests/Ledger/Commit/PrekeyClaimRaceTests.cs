using System.Collections.Concurrent;
using System.Globalization;
using Relay.Checker;
using Relay.Cli.Targets;
using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>
/// Sixteen claimers over three workers that are killed meanwhile, a store that fails, replies that are lost, uploads that come twice: no
/// key for two envelopes, none lost, at most two storage operations a claim.
/// </summary>
/// <remarks>Some claims; as many as the environment variable RELAY_CLAIMS says for a long run. The seed is printed.</remarks>
public sealed class PrekeyClaimRaceTests
{
    private const int Claimers = 16;
    private const int MostOfAClaim = 12;
    private const double FaultShare = 0.01;
    private const int MostKilled = 16;

    private static int Claims =>
        int.TryParse(Environment.GetEnvironmentVariable("RELAY_CLAIMS"), CultureInfo.InvariantCulture, out var claims) ? claims : 240;

    [Fact]
    public async Task Claim_ByManyAmongCrashesAndLostReplies_GivesNoKeyTwiceAndLosesNone()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        await using var fixture = new LedgerFixture { Document = TestIdentities.ParsedDocument() };
        var faults = new Random(seed);
        // Under the store's gate.
        fixture.Faults.Next = (_, _, _) => faults.NextDouble() < FaultShare
            ? faults.Next(2) == 0 ? StoreFault.Refused : StoreFault.DoneButFailed
            : StoreFault.None;
        var stop = fixture.PumpClock();
        var trial = new Trial(fixture, seed);
        await trial.PublishAsync("iran", 0);
        await trial.PublishAsync("us", 0);
        await Task.WhenAll(Enumerable.Range(0, Claimers).Select(claimer => Task.Run(() => trial.RunAsync(claimer, Claims / Claimers))));
        fixture.Faults.Next = (_, _, _) => StoreFault.None;
        var calls = fixture.Faults.Calls;
        await trial.CheckAllAsync();
        await stop();

        // Of every envelope one key, of every key one envelope; and each bundle's keys are handed out from the first on.
        var state = fixture.Head().State;
        foreach (var target in new[] { "iran", "us" })
        {
            var keys = trial.Owners.Keys.Count(key => key.Target == target);
            Assert.True(state.FindPrekeys(target)!.Next - 1 == keys, $"seed {seed}: a key of {target} was lost");
        }

        TestContext.Current.SendDiagnosticMessage(
            "{0} envelopes, {1} with the session key, {2} claims, {3} store calls, size {4}",
            trial.Given.Count,
            trial.Given.Count(given => given.Value == 0),
            trial.Asked,
            calls,
            state.Size);
        // With three workers in each other's way, faults, and all that commits cost.
        Assert.True(calls <= 2 * trial.Asked, $"seed {seed}: {calls} store calls for {trial.Asked} claims");
        var checker = new LedgerChecker(new StoreToCheck(fixture.Store), fixture.Certifier.FindJwkAsync, null);
        var report = Assert.Single((await checker.CheckAsync(null, TestContext.Current.CancellationToken)).Ledgers);
        Assert.True(report.IsClean, $"seed {seed}: {string.Join("; ", report.Findings.Take(5))}");
        Assert.True(report.Claims > 0 && report.Bundles > 2);
    }

    private sealed class Trial(LedgerFixture fixture, int seed)
    {
        private readonly NegotiationLedgers[] _workers = [fixture.AddWorker(), fixture.AddWorker(), fixture.AddWorker()];
        private readonly ConcurrentDictionary<string, SemaphoreSlim> _publishing = new()
        {
            ["iran"] = new SemaphoreSlim(1),
            ["us"] = new SemaphoreSlim(1),
        };

        private readonly ConcurrentDictionary<string, (long Number, long Next)> _published = new()
        {
            ["iran"] = (0, 1),
            ["us"] = (0, 1),
        };

        private readonly ConcurrentQueue<NegotiationLedgers> _killed = new();
        private int _asked;

        public int Asked => _asked;

        /// <summary>Each envelope's key of a target; 0 for the session's.</summary>
        public ConcurrentDictionary<(string Target, EnvelopeId Id), long> Given { get; } = new();

        /// <summary>The envelope of each one-time key.</summary>
        public ConcurrentDictionary<(string Target, long Key), EnvelopeId> Owners { get; } = new();

        public async Task RunAsync(int claimer, int claims)
        {
            var random = new Random(seed + 1 + claimer);
            var (from, target) = claimer % 2 == 0 ? ("us", "iran") : ("iran", "us");
            var sequence = (claimer + 1) * 100_000_000L;
            for (var i = 0; i < claims; i++)
            {
                var count = random.Next(1, MostOfAClaim + 1);
                var claim = TestPrekeys.Claim(from, target, fixture.Time.GetUtcNow(), Enumerable.Range(0, count).Select(n => sequence + n));
                sequence += count - (random.Next(4) == 0 ? 1 : 0);
                var isExhausted = Note(claim, await TakeAsync(claim, random));
                // Lost on the way: the claimer asks again, somebody else.
                if (random.Next(8) == 0) Note(claim, await TakeAsync(claim, random));
                if (isExhausted) await PublishAsync(target, random.Next());
                if (random.Next(100) == 0) await KillAsync(random.Next(_workers.Length));
            }
        }

        /// <summary>Uploads the next bundle, and the same one again as whoever had no reply.</summary>
        public async Task PublishAsync(string target, int chance)
        {
            await _publishing[target].WaitAsync(TestContext.Current.CancellationToken);
            try
            {
                var (number, next) = _published[target];
                var state = number == 0 ? null : fixture.Head().State.FindPrekeys(target);
                // Somebody was faster.
                if (state is { Left: > 0 }) return;
                var bundle = TestPrekeys.Bundle(target, number + 1, next, 100, fixture.Time.GetUtcNow());
                for (var again = 0; again < 1 + (chance % 3); again++)
                {
                    PrekeyOutcome outcome;
                    do outcome = await fixture.PublishAsync(bundle, _workers[again % _workers.Length]);
                    while (outcome.Verdict == PrekeyVerdict.LedgerUnavailable);
                    Assert.True(outcome.IsEntry, $"seed {seed}: {outcome.Verdict} {outcome.Detail}");
                }

                _published[target] = (number + 1, next + 100);
            }
            finally
            {
                _publishing[target].Release();
            }
        }

        /// <summary>Everything once more, by a worker that knows nothing: of the newest bundles the same keys.</summary>
        public async Task CheckAllAsync()
        {
            var cold = fixture.AddWorker();
            foreach (var target in new[] { "iran", "us" })
            {
                var first = fixture.Head().State.FindPrekeys(target)!.First - 100;
                var known = Given.Where(given => given.Key.Target == target && given.Value >= Math.Max(first, 1))
                    .Select(given => given.Key.Id);
                foreach (var ids in known.Chunk(PrekeyClaim.MaxEnvelopes))
                {
                    var claim = TestPrekeys.Claim(ids[0].Sender, target, fixture.Time.GetUtcNow(), ids.Select(id => id.Sequence));
                    var outcome = await fixture.ClaimAsync(claim, cold);
                    Assert.Equal(PrekeyVerdict.ClaimedBefore, outcome.Verdict);
                    Note(claim, outcome);
                }
            }
        }

        private async Task<PrekeyOutcome> TakeAsync(PrekeyClaim claim, Random random)
        {
            Interlocked.Increment(ref _asked);
            while (true)
            {
                var outcome = await fixture.ClaimAsync(claim, _workers[random.Next(_workers.Length)]);
                if (outcome.Verdict != PrekeyVerdict.LedgerUnavailable) return outcome;
            }
        }

        private bool Note(PrekeyClaim claim, PrekeyOutcome outcome)
        {
            var isExhausted = false;
            Assert.True(outcome.IsEntry, $"seed {seed}: {outcome.Verdict} {outcome.Detail}");
            var entries = outcome.Receipts.Select(
                text => ClaimReceipt.TryParse(text, out var receipt, out _, out var error)
                    ? receipt.Entry
                    : throw new FormatException(error));
            var said = entries.ToList();
            foreach (var id in claim.Envelopes)
            {
                var key = said.Max(entry => entry.KeyOf(id)) ?? -1;
                Assert.True(key >= 0, $"seed {seed}: no key of {claim.Target} for {id}");
                isExhausted |= key == 0;
                if (key == 0)
                {
                    Given.TryAdd((claim.Target, id), 0);
                    continue;
                }
                var owner = Owners.GetOrAdd((claim.Target, key), id);
                Assert.True(owner == id, $"seed {seed}: key {key} of {claim.Target} for {owner} and for {id}");
                // The session key gives way to one of its own; what was given two bundles ago is forgotten, and another given.
                var had = Given.GetValueOrDefault((claim.Target, id));
                Assert.True(had == 0 || had == key || BundleOf(key) > BundleOf(had) + 1, $"seed {seed}: {id} had key {had}, has {key}");
                Given[(claim.Target, id)] = key;
            }

            return isExhausted;
        }

        private static long BundleOf(long key) => (key - 1) / PrekeyBundle.MaxOneTime;

        // What it has under way goes on, as in a process that is not dead yet; nobody asks it again. Long afterwards it is let go of.
        private async Task KillAsync(int worker)
        {
            _killed.Enqueue(_workers[worker]);
            _workers[worker] = fixture.AddWorker();
            if (_killed.Count > MostKilled && _killed.TryDequeue(out var dead)) await fixture.ForgetAsync(dead);
        }
    }
}

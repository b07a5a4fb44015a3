using Relay.Cli;
using Relay.Cli.Demo;

namespace Relay.IntegrationTests;

/// <summary>
/// Every kind of bad envelope through the real queue, among good ones: each is dead-lettered for its own reason, and nothing else changes.
/// </summary>
public sealed class HostileEnvelopeTests(HostileEnvelopeTests.Performance performance) : IClassFixture<HostileEnvelopeTests.Performance>
{
    private const int GoodEnvelopes = 60;

    /// <summary>Name of the kind, reason code it must get.</summary>
    public static TheoryData<string, string> Kinds => new()
    {
        { "not JSON", "not-json" },
        { "duplicate member", "duplicate-member" },
        { "depth bomb", "too-complex" },
        { "300 KiB", "oversize" },
        { "wrong typ", "wrong-type" },
        { "alg none", "unsupported-algorithm" },
        { "alg not fitting the key", "algorithm-mismatch" },
        { "unknown mediator", "unknown-mediator" },
        { "signature from a disabled key version", "key-disabled" },
        { "one bit flipped in the head", "bad-signature" },
        { "one bit flipped in the content", "wrong-content" },
        { "one bit flipped in a header", "unknown-mediator" },
        { "one bit flipped in a signature", "bad-signature" },
        { "no signature that counts, below quorum", "quorum-not-met" },
        { "same mediator twice", "mediator-repeated" },
        { "signature of another mediator's batch", "bad-signature" },
        { "unknown negotiation", "unknown-negotiation" },
        { "sender not a member", "sender-not-a-member" },
        { "addressee not a member", "addressee-not-a-member" },
        { "route forbidden", "route-forbidden" },
        { "expired", "expired" },
        { "issued in the future", "not-yet-issued" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Envelope_OfAHostileKind_IsDeadLetteredWithItsReasonAndWhatWasExpected(string kind, string reason)
    {
        Assert.True(
            performance.Tally.Refusals.TryGetValue(kind, out var refusal),
            $"It was not dead-lettered. {string.Join(" ", performance.Tally.Wrong)}");
        Assert.Equal(reason, refusal.Reason);
        Assert.Contains("expected", refusal.Description, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("got", refusal.Description, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Kinds_OfTheScriptAndOfThisTable_AreTheSame() =>
        Assert.Equal(
            Kinds.Select(row => row.Data.Item1).Order(StringComparer.Ordinal),
            performance.Script.Hostile.Select(hostile => hostile.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Envelopes_AroundTheHostileOnes_AllArriveOnceAndOpen()
    {
        Assert.Empty(performance.Tally.Wrong);
        Assert.Equal(GoodEnvelopes, performance.Tally.Forwarded);
        Assert.Equal(performance.Script.Refused.Count(), performance.Tally.Refusals.Count);
    }

    [Fact]
    public void Finale_RepeatedEarlyAndContradicting_IsOneEntryEachHeldAndEvidence()
    {
        Assert.Equal("equivocation", performance.Tally.Refusals[performance.Script.Finale.Twin!.Name].Reason);
        Assert.True(performance.Tally.Held);
        Assert.True(performance.Tally.Ledger!.IsProved, string.Join('\n', performance.Tally.Ledger.Findings));
        // One more is sealed to a key that is used once.
        Assert.Equal((GoodEnvelopes + 1, 1), (performance.Tally.Ledger.Envelopes, performance.Tally.Ledger.Evidence));
    }

    [Fact]
    public void Secrecy_OfWhatWasSealedToAKeyThatIsUsedOnce_IsShown() => Assert.EndsWith(
        "by one-time key iran#once-1, which is gone: no key that is left opens it again",
        performance.Tally.Secrecy,
        StringComparison.Ordinal);

    [Fact]
    public void Answers_OfWhoOpenedSomething_AreInTheLedgerWithTheirReceipts()
    {
        var addressees = performance.Script.Good.Select(envelope => envelope.Addressee).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(addressees, performance.Tally.Said.Select(receipt => receipt.Entry.Acknowledgement.Delegation));
        Assert.Equal(performance.Tally.Said.Count, performance.Tally.Ledger!.Acknowledgements);
    }

    /// <summary>One run for all rows.</summary>
    public sealed class Performance : IAsyncLifetime
    {
        private readonly RelayUnderTest _relay = new();

        internal DemoScript Script { get; private set; } = null!;

        internal DemoTally Tally { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var cancellationToken = TestContext.Current.CancellationToken;
            await _relay.InitializeAsync();
            Script = await DemoScript.WriteAsync(
                _relay.Cast, _relay.Options.StateFolder, GoodEnvelopes, TimeProvider.System, new Progress<string>(), cancellationToken);
            using var api = new HttpClient { BaseAddress = _relay.Stack.Endpoints.Http };
            var answers = new DemoAnswers(_relay.Cast, api, TimeProvider.System);
            using var secrecy = DemoSecrecy.TryOpen(_relay.Cast, api, _relay.Options.StateFolder, TimeProvider.System);
            var run = new DemoRun(_relay.Cast, Script, _relay.Bus, answers, secrecy, TimeProvider.System);
            Tally = await run.PerformAsync(cancellationToken);
        }

        public ValueTask DisposeAsync() => _relay.DisposeAsync();
    }
}

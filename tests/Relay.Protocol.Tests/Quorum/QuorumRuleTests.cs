using FsCheck;
using FsCheck.Fluent;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Quorum;

public sealed class QuorumRuleTests
{
    private static readonly Dictionary<string, int> Weights = new() { ["qatar"] = 2, ["oman"] = 1, ["swiss"] = 1 };
    private static readonly QuorumRule Rule = new(Weights, 3);

    [Theory]
    [InlineData("qatar", 2, false)]
    [InlineData("qatar oman", 3, true)]
    [InlineData("oman swiss", 2, false)]
    [InlineData("qatar qatar", 2, false)]
    [InlineData("qatar qatar oman swiss", 4, true)]
    [InlineData("oman qatar oman swiss", 4, true)]
    [InlineData("oman oman swiss", 2, false)]
    [InlineData("swiss oman qatar", 4, true)]
    [InlineData("", 0, false)]
    [InlineData("qatar france", 2, false)]
    public void Evaluate_ValidSignatures_CountsDistinctMediators(string names, int weight, bool reached)
    {
        var result = Rule.Evaluate([.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Valid)]);
        Assert.Equal((weight, reached), (result.Weight, result.Reached));
    }

    [Fact]
    public void Evaluate_EveryOutcomeButValid_CountsAsAbsentAndSaysWhy()
    {
        foreach (var outcome in Enum.GetValues<SignatureOutcome>().Where(o => o != SignatureOutcome.Valid))
        {
            var result = Rule.Evaluate(new SignatureFinding("kid", "qatar", outcome), Valid("oman"));
            Assert.Equal(1, result.Weight);
            Assert.Equal(0, result.Rows[0].Weight);
            Assert.NotEmpty(result.Rows[0].Reason);
            Assert.Equal(["oman"], result.Counted);
        }
    }

    [Fact]
    public void Evaluate_OnePublicKeyUnderEveryName_CountsOnce()
    {
        var key = Digest.Of("the one key"u8);
        var result = Rule.Evaluate([.. Weights.Keys.Select(name => Valid(name) with { Thumbprint = key })]);
        Assert.Equal((2, false), (result.Weight, result.Reached));
        Assert.Equal(["qatar"], result.Counted);
        Assert.Equal("this public key has counted already, under another mediator's name", result.Rows[1].Reason);
        Assert.True(
            Rule.Evaluate([.. Weights.Keys.Select(name => Valid(name) with { Thumbprint = Digest.Of(Samples.Utf8(name)) })]).Reached);
    }

    [Theory]
    [InlineData("oman:Valid qatar:KeyUnavailable", SignatureOutcome.KeyUnavailable, true)]
    [InlineData("qatar:Valid qatar:KeyUnavailable", SignatureOutcome.KeyUnavailable, false)]
    [InlineData("oman:KeyUnavailable swiss:KeyUnavailable", SignatureOutcome.KeyUnavailable, false)]
    [InlineData("oman:KeyUnavailable oman:KeyUnavailable qatar:BadSignature", SignatureOutcome.KeyUnavailable, false)]
    [InlineData("qatar:Valid oman:BadSignature", SignatureOutcome.BadSignature, true)]
    [InlineData("qatar:Valid oman:BadSignature", SignatureOutcome.KeyUnavailable, false)]
    [InlineData("oman:KeyUnavailable qatar:KeyUnavailable", SignatureOutcome.KeyUnavailable, true)]
    [InlineData("qatar:KeyUnavailable swiss:KeyUnavailable", SignatureOutcome.KeyUnavailable, true)]
    [InlineData("qatar:Valid ?:UnknownMediator", SignatureOutcome.UnknownMediator, true)]
    [InlineData("?:BadSignature", SignatureOutcome.BadSignature, true)]
    [InlineData("qatar:Valid oman:Valid", SignatureOutcome.KeyUnavailable, false)]
    [InlineData("qatar:Valid qatar:Valid", SignatureOutcome.Valid, true)]
    [InlineData("oman:Valid swiss:Valid", SignatureOutcome.Valid, false)]
    [InlineData("", SignatureOutcome.KeyUnavailable, false)]
    public void IsMissedFor_Outcome_WhenItsMediatorsWouldHaveReachedTheQuorum(string signatures, SignatureOutcome outcome, bool explains)
    {
        Assert.Equal(explains, Rule.Evaluate(Read(signatures)).IsMissedFor(outcome));
    }

    // What the entry of a ledger shows by itself: a key that is not there, or was not good then, leaves open what hangs on it alone.
    [Theory]
    [InlineData("oman:Valid qatar:Valid", LoggedQuorum.Holds)]
    [InlineData("qatar:Valid oman:Valid", LoggedQuorum.OutOfOrder)]
    [InlineData("qatar:BadSignature oman:Valid", LoggedQuorum.OutOfOrder)]
    [InlineData("oman:Valid", LoggedQuorum.Missed)]
    [InlineData("oman:Valid qatar:Valid ?:UnknownMediator", LoggedQuorum.Missed)]
    [InlineData("oman:Valid qatar:Valid qatar:Valid", LoggedQuorum.Missed)]
    [InlineData("oman:BadSignature qatar:Valid swiss:Valid", LoggedQuorum.Missed)]
    [InlineData("oman:AlgorithmMismatch qatar:Valid swiss:KeyUnavailable", LoggedQuorum.Missed)]
    [InlineData("oman:Valid qatar:KeyUnavailable", LoggedQuorum.NotProved)]
    [InlineData("oman:Valid qatar:KeyDisabled", LoggedQuorum.NotProved)]
    [InlineData("oman:Valid qatar:KeyCompromised", LoggedQuorum.NotProved)]
    [InlineData("oman:Valid qatar:UnknownKeyVersion", LoggedQuorum.NotProved)]
    [InlineData("oman:UnknownKeyVersion qatar:Valid swiss:Valid", LoggedQuorum.NotProved)]
    [InlineData("oman:Valid swiss:UnknownKeyVersion", LoggedQuorum.Missed)]
    [InlineData("oman:KeyUnavailable oman:KeyUnavailable swiss:Valid", LoggedQuorum.Missed)]
    [InlineData("qatar:Valid qatar:KeyUnavailable", LoggedQuorum.Missed)]
    [InlineData("", LoggedQuorum.Missed)]
    public void AsLogged_SignaturesOfAnEntry_HoldOrShowTheLieOrLeaveItOpen(string signatures, LoggedQuorum expected) =>
        Assert.Equal(expected, Rule.Evaluate(Read(signatures)).AsLogged());

    private static SignatureFinding[] Read(string signatures) =>
    [
        .. signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split(':')).Select(
            parts => new SignatureFinding(
                parts[0], parts[0] == "?" ? null : parts[0], Enum.Parse<SignatureOutcome>(parts[1]))),
    ];

    [Fact]
    public void Explain_MixedRows_NamesEach()
    {
        var text = Rule.Evaluate(
            Valid("qatar"), Valid("qatar"), new SignatureFinding("https://x/keys/a/1", null, SignatureOutcome.UnknownMediator)).Explain();
        Assert.Equal(
            "expected weight 3, got 2; qatar: valid (2); qatar: this mediator has counted already; 'https://x/keys/a/1': no "
                + "mediator of this negotiation has this key",
            text);
    }

    [Fact]
    public void Evaluate_AnyFindings_IgnoresOrderAndRepetition() =>
        Prop.ForAll(Findings(), findings =>
        {
            var once = Rule.Evaluate(findings);
            var reversed = Rule.Evaluate([.. findings.Reverse()]);
            var twice = Rule.Evaluate([.. findings, .. findings]);
            var expected = findings.Where(f => f.Outcome == SignatureOutcome.Valid && Weights.ContainsKey(f.Mediator!))
                .Select(f => f.Mediator!)
                .Distinct()
                .Sum(m => Weights[m]);
            return once.Weight == expected
                && reversed.Weight == expected
                && twice.Weight == expected
                && once.Counted.SequenceEqual(reversed.Counted);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Analyse_LocalNegotiation_SaysWhatItSurvives()
    {
        var analysis = Rule.Analyse();
        Assert.Equal(new QuorumAnalysis(4, 3, 2, 1, 2, 1, 2, true), analysis);
        Assert.Equal(5, analysis.Explain().Count);
        Assert.True(analysis.Withstands(1));
        Assert.False(analysis.Withstands(2));
        Assert.Equal(0, new QuorumRule(Weights, 2).Analyse().SharedWeight);
        Assert.False(new QuorumRule(Weights, 2).Analyse().Withstands(0));
        Assert.False(new QuorumRule(Weights, 2).Analyse().IsByzantineSafe);
    }

    [Fact]
    public void Analyse_MediatorsOfUnequalWeight_CountsTheFewestThatPassAndThatStop()
    {
        var weights = new Dictionary<string, int> { ["a"] = 5, ["b"] = 3, ["c"] = 1, ["d"] = 1 };
        (int Forge, int Block) Of(int quorum)
        {
            var analysis = new QuorumRule(weights, quorum).Analyse();
            return (analysis.MediatorsThatCanForge, analysis.MediatorsThatCanBlock);
        }

        // Of 10 in all: 6 pass by a and b, and 5 that are absent stop, which a is alone.
        Assert.Equal((2, 1), Of(6));
        Assert.Equal((1, 2), Of(5));
        Assert.Equal((1, 2), Of(3));
        Assert.Equal((3, 1), Of(9));
        Assert.Equal((4, 1), Of(10));
        Assert.Equal((1, 4), Of(1));
    }

    [Fact]
    public void Explain_OfARule_SaysEachOfItsNumbers()
    {
        Assert.Equal(
            [
                "Total weight 4, quorum 3.",
                "Up to weight 2 may lie: it takes 2 mediators at least to pass an envelope.",
                "Up to weight 1 may be down: it takes 1 mediator at least to stop all traffic.",
                "Any two quorums share weight 2 at least: less cannot stand behind two envelopes that contradict each other.",
                "The quorum is above two thirds of the weight: two quorums always share an honest mediator while less than a third lies.",
            ],
            Rule.Analyse().Explain());
        Assert.Equal(
            [
                "Two quorums may share nobody: mediators that never meet can pass two envelopes that contradict each other.",
                "The quorum is not above two thirds of the weight: a third that lies can stand behind two different envelopes.",
            ],
            new QuorumRule(Weights, 2).Analyse().Explain().Skip(3));
        var alone = new QuorumRule(new Dictionary<string, int> { ["a"] = 1 }, 1).Analyse();
        Assert.StartsWith("Any two quorums share weight 1 at least", alone.Explain()[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Withstands_NegativeWeight_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => Rule.Analyse().Withstands(-1));

    // Two quorums of exactly two thirds may share nobody but the third that lies.
    [Theory]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    [InlineData(6, 4, false)]
    [InlineData(6, 5, true)]
    [InlineData(4, 3, true)]
    [InlineData(1, 1, true)]
    [InlineData(63_000_000, 42_000_000, false)]
    [InlineData(63_000_000, 42_000_001, true)]
    public void Analyse_ExactlyTwoThirds_IsNotByzantineSafe(int total, int quorum, bool safe)
    {
        var count = Math.Min(total, 63);
        var weights = Enumerable.Range(0, count).ToDictionary(i => $"m{i}", _ => total / count);
        Assert.Equal(safe, new QuorumRule(weights, quorum).Analyse().IsByzantineSafe);
    }

    [Theory]
    [InlineData(SignatureFault.None, SignatureOutcome.Valid)]
    [InlineData(SignatureFault.AlgorithmMismatch, SignatureOutcome.AlgorithmMismatch)]
    [InlineData(SignatureFault.WrongLength, SignatureOutcome.BadSignature)]
    [InlineData(SignatureFault.MalformedBatch, SignatureOutcome.BadSignature)]
    [InlineData(SignatureFault.Invalid, SignatureOutcome.BadSignature)]
    public void Of_Fault_IsItsOutcome(SignatureFault fault, SignatureOutcome outcome) => Assert.Equal(outcome, SignatureOutcomes.Of(fault));

    [Fact]
    public void QuorumRule_GreatestWeightAndMostMediators_AreTakenAndOneMoreNot()
    {
        static Dictionary<string, int> Of(int count, int weight) => Enumerable.Range(0, count).ToDictionary(i => $"m{i}", _ => weight);
        Assert.Equal(64_000_000, new QuorumRule(Of(64, 1_000_000), 64_000_000).TotalWeight);
        Assert.Throws<ArgumentException>(() => new QuorumRule(Of(65, 1), 1));
        Assert.Throws<ArgumentException>(() => new QuorumRule(Of(1, 1_000_001), 1));
        Assert.Throws<ArgumentException>(() => new QuorumRule(Of(64, 1_000_000), 64_000_001));
    }

    [Fact]
    public void QuorumRule_BoundBroken_Throws()
    {
        Assert.Throws<ArgumentNullException>(() => new QuorumRule(null!, 1));
        Assert.Throws<ArgumentException>(() => new QuorumRule(Weights, 0));
        Assert.Throws<ArgumentException>(() => new QuorumRule(Weights, 5));
        Assert.Throws<ArgumentException>(() => new QuorumRule(new Dictionary<string, int>(), 1));
        Assert.Throws<ArgumentException>(() => new QuorumRule(new Dictionary<string, int> { ["Qatar"] = 1 }, 1));
        Assert.Throws<ArgumentException>(() => new QuorumRule(new Dictionary<string, int> { ["qatar"] = 0 }, 1));
    }

    private static SignatureFinding Valid(string mediator) => new($"kid of {mediator}", mediator, SignatureOutcome.Valid);

    private static Arbitrary<SignatureFinding[]> Findings()
    {
        var finding = from name in Gen.Elements("qatar", "oman", "swiss", "france")
                      from outcome in Gen.Elements(Enum.GetValues<SignatureOutcome>())
                      select new SignatureFinding("kid", name, outcome);
        return finding.ArrayOf().ToArbitrary();
    }
}

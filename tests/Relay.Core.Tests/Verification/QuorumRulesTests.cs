using Relay.Core.Rulings;
using Relay.Core.Verification;
using Relay.Protocol.Quorum;
using Relay.Protocol.Text;
using static Relay.Protocol.Quorum.SignatureOutcome;

namespace Relay.Core.Tests.Verification;

public sealed class QuorumRulesTests
{
    /// <summary>
    /// Mediator and outcome of each signature ("?" for nobody's), verdict and reason. Weights: qatar 2, oman 1, swiss 1; quorum 3.
    /// </summary>
    public static TheoryData<string, Verdict?, string?> Cases => new()
    {
        { "qatar Valid, oman Valid", null, null },
        { "qatar Valid, oman BadSignature, swiss Valid", null, null },
        { "qatar Valid", Verdict.QuorumNotMet, "quorum-not-met" },
        { "oman Valid, swiss Valid", Verdict.QuorumNotMet, "quorum-not-met" },

        // One kind explains the miss.
        { "qatar BadSignature, oman Valid", Verdict.BadSignature, "bad-signature" },
        { "qatar BadSignature, oman BadSignature", Verdict.BadSignature, "bad-signature" },
        { "qatar KeyDisabled, oman Valid", Verdict.KeyDisabled, "key-disabled" },
        { "qatar UnknownKeyVersion, oman Valid", Verdict.KeyDisabled, "unknown-key-version" },
        { "qatar AlgorithmMismatch, oman Valid", Verdict.BadSignature, "algorithm-mismatch" },
        { "? UnknownMediator, oman Valid", Verdict.UnknownMediator, "unknown-mediator" },
        { "qatar Valid, qatar Valid", Verdict.QuorumNotMet, "mediator-repeated" },

        // Another fault is present, but its weight would not have helped.
        { "qatar BadSignature, oman Valid, swiss KeyDisabled", Verdict.BadSignature, "bad-signature" },

        // The kind's weight would not have been enough.
        { "oman BadSignature, swiss Valid", Verdict.QuorumNotMet, "quorum-not-met" },
        { "oman Valid, oman Valid", Verdict.QuorumNotMet, "quorum-not-met" },

        // Two kinds would each have been enough: neither is the reason.
        { "qatar Valid, oman BadSignature, swiss KeyDisabled", Verdict.QuorumNotMet, "quorum-not-met" },

        // A mediator that counted does not count for its own bad signature.
        { "qatar BadSignature, qatar Valid", Verdict.QuorumNotMet, "quorum-not-met" },

        // Waiting helps only when the keys that are missing could decide.
        { "qatar KeyUnavailable, oman Valid", Verdict.KeyUnavailable, "key-unavailable" },
        { "qatar Valid, oman KeyUnavailable, swiss BadSignature", Verdict.KeyUnavailable, "key-unavailable" },
        { "oman KeyUnavailable, swiss Valid", Verdict.QuorumNotMet, "quorum-not-met" },
        { "qatar BadSignature, oman KeyUnavailable, swiss Valid", Verdict.BadSignature, "bad-signature" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Check_Outcomes_DecideTheVerdict(string signatures, Verdict? verdict, string? reason)
    {
        var document = TestNegotiation.ParsedDocument();
        var findings = signatures.Split(", ").Select(text => text.Split(' ')).Select(part => new SignatureFinding(
            TestNegotiation.KeyId(part[0]), part[0] == "?" ? null : part[0], Enum.Parse<SignatureOutcome>(part[1]))).ToArray();

        var ruling = QuorumRules.Check(document.Quorum.Evaluate(findings));

        Assert.Equal((verdict, reason), (ruling?.Verdict, ruling?.Reason));
        if (ruling is null) return;
        Assert.StartsWith("expected signatures of weight 3, got ", ruling.Description, StringComparison.Ordinal);
        Assert.All(findings, finding => Assert.Contains(finding.KeyId, ruling.Description, StringComparison.Ordinal));
    }

    [Fact]
    public void Check_ADescription_SaysWhoseEachSignatureIsAndWhatBecameOfIt()
    {
        var shared = Digest.Of("a key"u8);
        SignatureFinding[] findings =
        [
            Of("oman", Valid) with { Thumbprint = shared }, Of("swiss", Valid) with { Thumbprint = shared }, Of("oman", Valid),
            Of("qatar", KeyDisabled), Of(null, UnknownMediator),
        ];

        var said = QuorumRules.Check(TestNegotiation.ParsedDocument().Quorum.Evaluate(findings))!.Description.Split("; ");

        string[] expected =
        [
            "expected signatures of weight 3, got 1",
            $"oman by '{TestNegotiation.KeyId("oman")}': valid, weight 1",
            $"swiss by '{TestNegotiation.KeyId("swiss")}': valid, but its public key has counted",
            $"oman by '{TestNegotiation.KeyId("oman")}': valid, but a mediator counts once",
            $"qatar by '{TestNegotiation.KeyId("qatar")}': expected an enabled key version",
            $"signature by '{TestNegotiation.KeyId("stranger")}': expected a key of a mediator",
        ];
        Assert.Equal(expected.Length, said.Length);
        Assert.All(expected.Zip(said), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));

        static SignatureFinding Of(string? mediator, SignatureOutcome outcome) =>
            new(TestNegotiation.KeyId(mediator ?? "stranger"), mediator, outcome);
    }

    [Fact]
    public void Of_EveryOutcome_HasItsOwnCode()
    {
        var codes = Enum.GetValues<SignatureOutcome>().Select(ReasonCodes.Of).ToArray();
        Assert.Equal(codes.Length, codes.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(ReasonCodes.MediatorRepeated, ReasonCodes.Of(Valid));
    }
}

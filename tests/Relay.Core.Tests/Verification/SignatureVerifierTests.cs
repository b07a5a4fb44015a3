using Relay.Core.Verification;
using Relay.Protocol.Quorum;

namespace Relay.Core.Tests.Verification;

public sealed class SignatureVerifierTests
{
    [Fact]
    public async Task VerifyAsync_QuorumReached_LooksNoFurther()
    {
        await using var fixture = new PipelineFixture();
        var envelope = await fixture.Negotiation.ParseAsync(fixture.Negotiation.Draft(), "qatar", "oman", "swiss");

        var result = await new SignatureVerifier(fixture.Keys).VerifyAsync(
            envelope, TestNegotiation.ParsedDocument(), TestContext.Current.CancellationToken);

        Assert.True(result.Reached);
        Assert.Equal([TestNegotiation.KeyId("qatar"), TestNegotiation.KeyId("oman")], fixture.Keys.Asked);
    }

    [Fact]
    public async Task VerifyAsync_KeyOfNoMediator_IsNeverAskedFor()
    {
        await using var fixture = new PipelineFixture();
        var envelope = await fixture.Negotiation.ParseAsync(fixture.Negotiation.Draft(), "stranger", "qatar");

        var result = await new SignatureVerifier(fixture.Keys).VerifyAsync(
            envelope, TestNegotiation.ParsedDocument(), TestContext.Current.CancellationToken);

        Assert.Equal(SignatureOutcome.UnknownMediator, result.Rows[0].Finding.Outcome);
        Assert.Equal([TestNegotiation.KeyId("qatar")], fixture.Keys.Asked);
    }

    [Fact]
    public async Task VerifyAsync_OnePublicKeyUnderTwoNames_CountsOnceAndGoesOnLooking()
    {
        await using var fixture = new PipelineFixture();
        var draft = fixture.Negotiation.Draft();
        var shared = fixture.Keys.Keys[TestNegotiation.KeyId("qatar")];
        fixture.Keys.Keys[TestNegotiation.KeyId("oman")] = shared;
        var envelope = await fixture.Negotiation.ParseSignedByAsync(draft, "qatar", ["qatar", "oman"]);

        var result = await new SignatureVerifier(fixture.Keys).VerifyAsync(
            envelope, TestNegotiation.ParsedDocument(), TestContext.Current.CancellationToken);

        Assert.Equal((2, false), (result.Weight, result.Reached));
        Assert.Equal(["qatar"], result.Counted);
        var ruling = QuorumRules.Check(result);
        Assert.Contains("a key counts once", ruling!.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerifyAsync_EveryKeyStatus_ButUsableDoesNotCount()
    {
        await using var fixture = new PipelineFixture();
        var envelope = await fixture.Negotiation.ParseAsync(fixture.Negotiation.Draft(), "qatar", "oman");
        foreach (var status in Enum.GetValues<KeyStatus>().Where(status => status != KeyStatus.Usable))
        {
            fixture.Keys.Keys[TestNegotiation.KeyId("qatar")] = status;
            var result = await new SignatureVerifier(fixture.Keys).VerifyAsync(
                envelope, TestNegotiation.ParsedDocument(), TestContext.Current.CancellationToken);
            Assert.Equal(["oman"], result.Counted);
        }
    }
}

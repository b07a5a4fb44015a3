using Relay.Core.Verification;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Quorum;
using Relay.Protocol.Text;

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
    public async Task VerifyAsync_SignaturesOfBatches_CountAndASpoiltCopyOfOneInHandDoesNot()
    {
        await using var fixture = new PipelineFixture();
        var (negotiation, cancel) = (fixture.Negotiation, TestContext.Current.CancellationToken);
        var made = SealedEnvelope.Create(negotiation.Draft());
        var builder = new EnvelopeBuilder(made);
        foreach (var mediator in new[] { "qatar", "oman" })
        {
            builder.Attach((await HeadBatch.SignAsync([made.Head, made.Head], negotiation[mediator], cancel))[0]);
        }
        var wire = builder.ToWire();
        var verifier = new SignatureVerifier(fixture.Keys);
        var result = await VerifyAsync(wire);
        Assert.True(result.Reached, result.Explain());

        // The relay knows both batches now. Were it to take this copy, its own entry would prove it a liar.
        var spoilt = await VerifyAsync(TestNegotiation.Change(wire, node =>
        {
            var value = StrictBase64Url.Decode((string)node["signatures"]![0]!["signature"]!)!;
            value[^1] ^= 1;
            node["signatures"]![0]!["signature"] = StrictBase64Url.Encode(value);
        }));
        Assert.Equal((SignatureOutcome.BadSignature, false), (spoilt.Rows[0].Finding.Outcome, spoilt.Reached));

        async Task<QuorumResult> VerifyAsync(byte[] copy)
        {
            Assert.True(Envelope.TryParse(copy, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
            return await verifier.VerifyAsync(envelope, TestNegotiation.ParsedDocument(), cancel);
        }
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

    /// <summary>
    /// Who signed, in wire order ("!" for a signature that does not verify); whose keys are asked for; who counts; whether that is
    /// enough. Weights: qatar 2, oman 1, swiss 1; quorum 3.
    /// </summary>
    public static TheoryData<string, string, string, bool> Orders => new()
    {
        // A mediator counts once, however often it signs, so the next one is still asked.
        { "qatar qatar oman swiss", "qatar qatar oman", "qatar oman", true },
        { "oman oman oman qatar swiss", "oman oman oman qatar", "oman qatar", true },
        { "oman swiss oman qatar qatar", "oman swiss oman qatar", "oman swiss qatar", true },
        { "qatar qatar", "qatar qatar", "qatar", false },
        { "oman oman swiss swiss", "oman oman swiss swiss", "oman swiss", false },

        // One that does not verify takes nothing from the one that does, before or after it.
        { "qatar! qatar oman swiss", "qatar qatar oman", "qatar oman", true },
        { "oman! qatar oman swiss", "oman qatar oman", "qatar oman", true },
        { "qatar qatar! oman swiss", "qatar qatar oman", "qatar oman", true },
        { "qatar! oman swiss", "qatar oman swiss", "oman swiss", false },

        // Enough is enough at the very signature that brings it, and not before.
        { "oman swiss qatar oman", "oman swiss qatar", "oman swiss qatar", true },
        { "qatar stranger swiss oman", "qatar swiss", "qatar swiss", true },
        { "oman swiss", "oman swiss", "oman swiss", false },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task VerifyAsync_AnyOrderOfSigners_AsksUntilTheQuorumAndNoFurther(
        string signers, string asked, string counted, bool reached)
    {
        await using var fixture = new PipelineFixture();
        var names = signers.Split(' ');
        var signed = await fixture.Negotiation.SignAsync([.. names.Select(name => name.TrimEnd('!'))]);
        var wire = TestNegotiation.Change(signed, node =>
        {
            foreach (var (index, _) in names.Index().Where(pair => pair.Item.EndsWith('!')))
            {
                var value = StrictBase64Url.Decode((string)node["signatures"]![index]!["signature"]!)!;
                value[^1] ^= 1;
                node["signatures"]![index]!["signature"] = StrictBase64Url.Encode(value);
            }
        });
        Assert.True(Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);

        var result = await new SignatureVerifier(fixture.Keys).VerifyAsync(
            envelope, TestNegotiation.ParsedDocument(), TestContext.Current.CancellationToken);

        Assert.Equal(asked.Split(' ').Select(TestNegotiation.KeyId), fixture.Keys.Asked);
        Assert.Equal(counted.Split(' ').Order(StringComparer.Ordinal), result.Counted);
        Assert.Equal(reached, result.Reached);
    }

    [Fact]
    public async Task VerifyAsync_OnePublicKeyUnderTwoNames_IsNotEnoughWhereTwoKeysWouldBe()
    {
        await using var fixture = new PipelineFixture();
        fixture.Keys.Keys[TestNegotiation.KeyId("oman")] = fixture.Keys.Keys[TestNegotiation.KeyId("qatar")];
        var twofold = await fixture.Negotiation.ParseSignedByAsync(fixture.Negotiation.Draft(), "qatar", ["qatar", "oman"]);
        var builder = new EnvelopeBuilder(twofold);
        await builder.SignAsync(fixture.Negotiation["swiss"], TestContext.Current.CancellationToken);
        Assert.True(Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);

        var result = await new SignatureVerifier(fixture.Keys).VerifyAsync(
            envelope, TestNegotiation.ParsedDocument(), TestContext.Current.CancellationToken);

        Assert.Equal(["qatar", "swiss"], result.Counted);
        Assert.Equal(3, fixture.Keys.Asked.Count);
        Assert.True(result.Reached);
    }
}

using System.Text.Json.Nodes;
using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Client.Tests.Ledger;

/// <summary>What a relay may say of an envelope in its ledger without the mediators, and what an entry alone shows of it.</summary>
public sealed class EntryJudgeTests : IDisposable
{
    private readonly Samples _samples = new();

    public void Dispose() => _samples.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task JudgeAsync_SignedByAQuorumInOrder_Holds() => Assert.Null(await JudgeAsync(await SignedAsync("qatar", "swiss")));

    [Fact]
    public async Task JudgeAsync_SignaturesOfBatches_HoldAndUnderAnotherHeadAreNoQuorum()
    {
        EnvelopeHead[] heads = [(await _samples.EnvelopeAsync("one")).Head, (await _samples.EnvelopeAsync("two")).Head];
        SignedHead? signed = null;
        foreach (var name in new[] { "qatar", "swiss" })
        {
            using var signer = new LocalSigner(_samples[Samples.KeyId(name)]);
            var one = (await HeadBatch.SignAsync(heads, signer, Token))[0];
            signed = signed?.Join(one) ?? one;
        }
        Assert.Null(await JudgeAsync(signed!));

        var wire = JsonNode.Parse(signed!.ToWire())!;
        wire["payload"] = StrictBase64Url.Encode(heads[1].Bytes.Span);
        var bytes = Samples.Utf8(wire.ToJsonString());
        Assert.True(SignedHead.TryParse(bytes, EnvelopeLimits.Default, out var moved, out _, out var detail), detail);
        var found = await JudgeAsync(moved);
        Assert.Equal(AuditKind.NoQuorum, found?.Kind);
        Assert.Contains("the signature does not verify", found?.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qatar", AuditKind.NoQuorum, "expected weight 3, got 2")]
    [InlineData("qatar,stranger", AuditKind.NoQuorum, "no mediator of this negotiation has this key")]
    [InlineData("qatar,swiss,stranger", AuditKind.NoQuorum, "expected only signatures that count")]
    [InlineData("qatar,swiss,swiss", AuditKind.NoQuorum, "expected only signatures that count")]
    [InlineData("swiss,qatar", AuditKind.BadEntry, "by mediator name, got swiss, qatar")]
    public async Task JudgeAsync_OtherSignatures_SaysWhich(string mediators, AuditKind kind, string said)
    {
        var found = await JudgeAsync(await SignedAsync(mediators.Split(',')));
        Assert.Equal(kind, found?.Kind);
        Assert.Contains(said, found?.Detail, StringComparison.Ordinal);
    }

    // The lie that no tool saw when an entry was the relay's word: another audience, and the envelope is dropped.
    [Fact]
    public async Task JudgeAsync_AnotherAudienceUnderSignaturesOfTheTrueOne_IsNoQuorum()
    {
        var other = Samples.For(await _samples.EnvelopeAsync(), "oman").Head;
        var found = await JudgeAsync(MadeUp.Sign(other, Samples.KeyId, ["qatar", "swiss"]));
        Assert.Equal(AuditKind.NoQuorum, found?.Kind);
        Assert.Contains("the signature does not verify", found?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JudgeAsync_AudienceThatTheDocumentDoesNotHave_IsNoQuorum()
    {
        var signed = await _samples.SignAsync(Samples.For(await _samples.EnvelopeAsync(), "nobody-at-all"));
        var found = await JudgeAsync(signed.SignedBy([0, 1]));
        Assert.Equal(AuditKind.NoQuorum, found?.Kind);
        Assert.Contains("nobody-at-all", found?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JudgeAsync_DocumentThatIsNotKnown_IsUnknownPolicy()
    {
        var found = await _samples.Judge().JudgeAsync(
            new JudgedHead(Digest.Of([1]), await SignedAsync("qatar", "swiss")), _samples.Time.GetUtcNow(), Token);
        Assert.Equal(AuditKind.UnknownPolicy, found?.Kind);
    }

    // Withdrawn since, or out of reach: nobody is accused, and nothing is called well.
    [Theory]
    [InlineData(SignatureOutcome.KeyUnavailable)]
    [InlineData(SignatureOutcome.KeyDisabled)]
    [InlineData(SignatureOutcome.KeyCompromised)]
    [InlineData(SignatureOutcome.UnknownKeyVersion)]
    public async Task JudgeAsync_KeyThatIsNotThereNow_IsNotProved(SignatureOutcome outcome)
    {
        var judge = new EntryJudge([_samples.Document], new NoKeys(outcome));
        var found = await judge.JudgeAsync(
            new JudgedHead(_samples.Document.PolicyDigest, await SignedAsync("qatar", "swiss")), _samples.Time.GetUtcNow(), Token);
        Assert.Equal(AuditKind.NotProved, found?.Kind);
    }

    // One of three at most: what the missing key says changes nothing, and the relay has logged what it had to refuse.
    [Fact]
    public async Task JudgeAsync_KeyThatIsNotThereAndCouldNotMatter_IsNoQuorum()
    {
        var judge = new EntryJudge([_samples.Document], new NoKeys(SignatureOutcome.UnknownKeyVersion));
        var found = await judge.JudgeAsync(
            new JudgedHead(_samples.Document.PolicyDigest, await SignedAsync("swiss")), _samples.Time.GetUtcNow(), Token);
        Assert.Equal(AuditKind.NoQuorum, found?.Kind);
    }

    private async Task<SignedHead> SignedAsync(params string[] mediators)
    {
        var envelope = await _samples.EnvelopeAsync(mediators: mediators);
        return envelope.SignedBy(Enumerable.Range(0, mediators.Length));
    }

    private ValueTask<(AuditKind Kind, string Detail)?> JudgeAsync(SignedHead signed) =>
        _samples.Judge().JudgeAsync(new JudgedHead(_samples.Document.PolicyDigest, signed), _samples.Time.GetUtcNow(), Token);

    private sealed class NoKeys(SignatureOutcome outcome) : IMediatorKeys
    {
        public ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, DateTimeOffset? signedAt, CancellationToken cancellationToken) =>
            new(new MediatorKey(outcome, null));
    }
}

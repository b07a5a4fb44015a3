using System.Text.Json.Nodes;
using Relay.Client.Delegations;
using Relay.Client.Keys;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Quorum;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Delegations;

public sealed class EnvelopeInspectorTests : IDisposable
{
    private readonly Samples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task InspectAsync_GoodEnvelope_GivesWhatWasSaid()
    {
        var result = await InspectAsync(await _samples.EnvelopeAsync("we accept"));
        Assert.Equal(InboxFault.None, result.Fault);
        Assert.Equal("we accept", System.Text.Encoding.UTF8.GetString(result.Statement!.Body));
        Assert.Equal(StreamContinuity.InOrder, result.Continuity);
        Assert.Equal(["qatar", "swiss"], result.Quorum!.Counted);
        Assert.Empty(result.Detail);
    }

    [Theory]
    [InlineData("oman")]
    [InlineData("iran", "oman")]
    public async Task InspectAsync_HybridKeyInTheDocument_EachAddresseeOpensByItsOwn(params string[] audience)
    {
        var envelope = await _samples.EnvelopeAsync("we accept", audience: audience);
        Assert.Contains("HPKE-8-KE", Algorithms(envelope), StringComparison.Ordinal);
        foreach (var name in audience)
        {
            var inspector = _samples.Inspector(delegation: name);
            var result = await inspector.InspectAsync(envelope.Wire, TestContext.Current.CancellationToken);
            Assert.Equal((InboxFault.None, ""), (result.Fault, result.Detail));
            Assert.Equal("we accept", System.Text.Encoding.UTF8.GetString(result.Statement!.Body));
        }

        // In the protected header for one kind of key, in each recipient's own for two.
        static string Algorithms(Envelope envelope)
        {
            var content = JsonNode.Parse(envelope.Sealed.Content.Span)!;
            return content["recipients"]!.ToJsonString()
                + System.Text.Encoding.UTF8.GetString(StrictBase64Url.Decode((string)content["protected"]!)!);
        }
    }

    [Fact]
    public async Task InspectAsync_NotAnEnvelope_SaysWhy()
    {
        var result = await _samples.Inspector().InspectAsync(Samples.Utf8("hello"), TestContext.Current.CancellationToken);
        Assert.Equal(InboxFault.NotAnEnvelope, result.Fault);
        Assert.StartsWith("NotJson: ", result.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qatar")]
    [InlineData("swiss")]
    [InlineData("qatar,qatar")]
    [InlineData("qatar,stranger")]
    public async Task InspectAsync_QuorumShort_IsQuorumNotMet(string mediators)
    {
        var result = await InspectAsync(await _samples.EnvelopeAsync(mediators: mediators.Split(',')));
        Assert.Equal(InboxFault.QuorumNotMet, result.Fault);
        Assert.StartsWith("expected weight 3, got ", result.Detail, StringComparison.Ordinal);
        Assert.Null(result.Statement);
    }

    [Fact]
    public async Task InspectAsync_OnePublicKeyUnderTwoNames_IsQuorumNotMet()
    {
        var builder = new EnvelopeBuilder((await _samples.EnvelopeAsync()).Sealed);
        foreach (var name in new[] { "qatar", "swiss" })
        {
            using var signer = new LocalSigner(_samples[Samples.KeyId("qatar")], Samples.KeyId(name));
            await builder.SignAsync(signer, TestContext.Current.CancellationToken);
        }
        Assert.True(Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out _, out _));
        Assert.True(VerificationKey.TryCreate(_samples[Samples.KeyId("qatar")].Public, out var one, out _));
        using var shared = one;
        var result = await InspectAsync(
            envelope,
            new PinnedMediatorKeys(
                new Dictionary<string, VerificationKey> { [Samples.KeyId("qatar")] = shared, [Samples.KeyId("swiss")] = shared }));
        Assert.Equal(InboxFault.QuorumNotMet, result.Fault);
        Assert.Contains("under another mediator's name", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InspectAsync_KidInAnotherCase_IsTheMediatorsKey()
    {
        var builder = new EnvelopeBuilder((await _samples.EnvelopeAsync()).Sealed);
        foreach (var name in new[] { "qatar", "swiss" })
        {
            using var signer = new LocalSigner(
                _samples[Samples.KeyId(name)], Samples.KeyId(name).Replace("/keys/mediator", "/keys/MEDIATOR", StringComparison.Ordinal));
            await builder.SignAsync(signer, TestContext.Current.CancellationToken);
        }
        Assert.True(Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out _, out _));
        Assert.Equal(InboxFault.None, (await InspectAsync(envelope)).Fault);
    }

    [Fact]
    public async Task InspectAsync_KeyThatWouldSufficeUnread_IsKeyUnavailable()
    {
        var envelope = await _samples.EnvelopeAsync();
        Assert.Equal(InboxFault.KeyUnavailable, (await InspectAsync(envelope, new FailingKeys(_samples.MediatorKeys, "swiss"))).Fault);
        Assert.Equal(
            InboxFault.QuorumNotMet,
            (
                await InspectAsync(
                    await _samples.EnvelopeAsync(mediators: ["swiss"]), new FailingKeys(_samples.MediatorKeys, "swiss"))).Fault);
    }

    [Fact]
    public async Task InspectAsync_StrangersKey_IsNeverLookedUp()
    {
        var keys = new FailingKeys(_samples.MediatorKeys, "none");
        await InspectAsync(await _samples.EnvelopeAsync(mediators: ["qatar", "stranger"]), keys);
        Assert.Equal([Samples.KeyId("qatar")], keys.Asked);
    }

    [Fact]
    public async Task InspectAsync_AddressedToOthers_IsNotAddressed() =>
        Assert.Equal(InboxFault.NotAddressed, (await InspectAsync(await _samples.EnvelopeAsync(audience: ["oman"]))).Fault);

    [Fact]
    public async Task InspectAsync_OtherNegotiation_IsRefused() =>
        Assert.Equal(
            InboxFault.OtherNegotiation,
            (await InspectAsync(await SignAsync(Draft() with { Id = new EnvelopeId("geneva", "us", Lane.Normal, 1) }))).Fault);

    [Theory]
    [InlineData("oman")]
    [InlineData("stranger")]
    public async Task InspectAsync_SenderWithoutARoute_IsNotAllowed(string sender) =>
        Assert.Equal(
            InboxFault.SenderNotAllowed,
            (await InspectAsync(await SignAsync(Draft() with { Id = new EnvelopeId("doha-2026", sender, Lane.Normal, 1) }))).Fault);

    [Fact]
    public async Task InspectAsync_AfterExpiry_IsExpired()
    {
        var envelope = await _samples.EnvelopeAsync();
        _samples.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(InboxFault.Expired, (await InspectAsync(envelope)).Fault);
    }

    [Fact]
    public async Task InspectAsync_ContentIsNoJwe_IsNotOpenedWithItsReason()
    {
        var result = await InspectAsync(await SignAsync(Draft()));
        Assert.Equal((InboxFault.NotOpened, SealingFault.Malformed), (result.Fault, result.SealingFault));
    }

    [Fact]
    public async Task InspectAsync_SameEnvelopeTwice_IsDuplicate()
    {
        var inspector = _samples.Inspector();
        var envelope = await _samples.EnvelopeAsync();
        await inspector.InspectAsync(envelope.Wire, TestContext.Current.CancellationToken);
        var again = await inspector.InspectAsync(envelope.Wire, TestContext.Current.CancellationToken);
        Assert.Equal(InboxFault.Duplicate, again.Fault);
        Assert.Null(again.Statement);
    }

    [Fact]
    public async Task InspectAsync_TwoStatementsUnderOneId_IsEquivocation()
    {
        var inspector = _samples.Inspector();
        await inspector.InspectAsync((await _samples.EnvelopeAsync("yes")).Wire, TestContext.Current.CancellationToken);
        var second = await inspector.InspectAsync((await _samples.EnvelopeAsync("no")).Wire, TestContext.Current.CancellationToken);
        Assert.Equal(InboxFault.Equivocation, second.Fault);
    }

    [Fact]
    public async Task InspectAsync_StreamArrivesOutOfOrder_IsTakenAndGapsAreTold()
    {
        var inspector = _samples.Inspector();
        var envelopes = new List<Envelope>();
        var position = StreamPosition.Start;
        for (var i = 0; i < 4; i++)
        {
            envelopes.Add(await _samples.EnvelopeAsync($"number {i + 1}", position));
            position = StreamPosition.After(envelopes[^1].Head);
        }
        var told = new List<StreamContinuity?>();
        foreach (var i in new[] { 1, 0, 3, 2 })
        {
            var result = await inspector.InspectAsync(envelopes[i].Wire, TestContext.Current.CancellationToken);
            Assert.Equal(InboxFault.None, result.Fault);
            told.Add(result.Continuity);
        }
        Assert.Equal([StreamContinuity.Gap, StreamContinuity.InOrder, StreamContinuity.Gap, StreamContinuity.InOrder], told);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task InspectAsync_PreviousOfAnotherEnvelope_IsBrokenChain(bool earlierFirst)
    {
        var first = await _samples.EnvelopeAsync("one");
        var second = await _samples.EnvelopeAsync("two", new StreamPosition(1, Digest.Of([1])));
        var inspector = _samples.Inspector();
        await inspector.InspectAsync((earlierFirst ? first : second).Wire, TestContext.Current.CancellationToken);
        var result = await inspector.InspectAsync((earlierFirst ? second : first).Wire, TestContext.Current.CancellationToken);
        Assert.Equal(InboxFault.BrokenChain, result.Fault);
    }

    [Fact]
    public void Code_EveryFault_HasItsOwn() =>
        Assert.Equal(
            Enum.GetValues<InboxFault>().Length,
            Enum.GetValues<InboxFault>().Select(f => f.Code()).Distinct(StringComparer.Ordinal).Count());

    private async Task<InboxResult> InspectAsync(Envelope envelope, IMediatorKeys? keys = null) =>
        await _samples.Inspector(keys).InspectAsync(envelope.Wire, TestContext.Current.CancellationToken);

    private Task<Envelope> SignAsync(EnvelopeDraft draft) => _samples.SignAsync(SealedEnvelope.Create(draft));

    private EnvelopeDraft Draft() => new()
    {
        Id = new EnvelopeId("doha-2026", "us", Lane.Normal, 1),
        Audience = ["iran"],
        IssuedAt = _samples.Time.GetUtcNow(),
        ExpiresAt = _samples.Time.GetUtcNow().AddHours(1),
        Content = Samples.Utf8("{}"),
    };

    private sealed class FailingKeys(IMediatorKeys inner, string failing) : IMediatorKeys
    {
        public List<string> Asked { get; } = [];

        public ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, DateTimeOffset? signedAt, CancellationToken cancellationToken)
        {
            Asked.Add(identifier.Text);
            return identifier.Text == Samples.KeyId(failing)
                ? ValueTask.FromResult(new MediatorKey(SignatureOutcome.KeyUnavailable, null))
                : inner.FindAsync(identifier, signedAt, cancellationToken);
        }
    }
}

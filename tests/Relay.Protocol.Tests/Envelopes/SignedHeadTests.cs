using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Protocol.Tests.Envelopes;

/// <summary>A mediator vouches for a head and never holds the content.</summary>
public sealed class SignedHeadTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly PrivateJwk _oman = PrivateJwk.Generate(JwkKind.P384, Samples.KeyId("oman"));

    public void Dispose()
    {
        _samples.Dispose();
        _oman.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Attach_SignedWithoutContent_CountsOnTheEnvelope()
    {
        var wire = await _samples.WireAsync();
        var envelope = Parse(wire);
        var alone = await SignAsync(envelope.Head);
        Assert.DoesNotContain("content", Samples.Text(alone), StringComparison.Ordinal);

        var builder = new EnvelopeBuilder(envelope);
        builder.Attach(Head(alone));
        builder.Attach(Head(alone));
        builder.Attach(Head(wire));
        var both = Parse(builder.ToWire());

        Assert.Equal(envelope.Digest, both.Digest);
        Assert.Equal(["mediator-qatar", "mediator-oman"], both.Signatures.Select(signature => signature.Key.Name));
        Assert.True(VerificationKey.TryCreate(_oman.Public, out var key, out var error), error);
        using (key) Assert.Equal(SignatureFault.None, both.Signatures[1].Verify(key));
    }

    [Fact]
    public async Task SignAsync_HeadThatWasSigned_KeepsWhatItHas()
    {
        using var signer = new LocalSigner(_oman);
        var both = Head((await Head(await _samples.WireAsync()).SignAsync(signer, Token)).ToWire());
        Assert.Equal(["mediator-qatar", "mediator-oman"], both.Signatures.Select(signature => signature.Key.Name));
    }

    [Fact]
    public async Task Join_AnotherCopy_AddsWhatIsNewAndRefusesAnotherHead()
    {
        var mine = Head(await _samples.WireAsync());
        var theirs = Head(await SignAsync(mine.Head));
        var both = mine.Join(theirs).Join(theirs).Join(mine);
        Assert.Equal(["mediator-qatar", "mediator-oman"], Head(both.ToWire()).Signatures.Select(signature => signature.Key.Name));
        var other = Head(await SignAsync(SealedEnvelope.Create(Samples.Draft() with { Audience = ["oman"] }).Head));
        Assert.Throws<ArgumentException>(() => mine.Join(other));
        using var qatar = new LocalSigner(_samples.Mediator);
        var full = mine;
        while (full.Signatures.Length < EnvelopeLimits.MaxSignatures) full = await full.SignAsync(qatar, Token);
        Assert.Throws<InvalidOperationException>(() => full.Join(theirs));
    }

    [Fact]
    public async Task Attach_OverAnotherHead_Throws()
    {
        var builder = new EnvelopeBuilder(Parse(await _samples.WireAsync()));
        var other = Head(await SignAsync(SealedEnvelope.Create(Samples.Draft() with { Audience = ["oman"] }).Head));
        var exception = Assert.Throws<ArgumentException>(() => builder.Attach(other));
        Assert.Contains(other.Head.Digest.ToString(), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_AndSign_ThirtyThird_Throws()
    {
        var builder = new EnvelopeBuilder(SealedEnvelope.Create(Samples.Draft()));
        using var qatar = new LocalSigner(_samples.Mediator);
        var full = await SignedHead.SignAsync(builder.Head, qatar, Token);
        while (full.Signatures.Length < EnvelopeLimits.MaxSignatures) full = await full.SignAsync(qatar, Token);
        builder.Attach(full);
        var more = Head(await SignAsync(builder.Head));
        Assert.Throws<InvalidOperationException>(() => builder.Attach(more));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await full.SignAsync(qatar, Token));
    }

    [Fact]
    public async Task TryParse_HeadAlone_IsNoEnvelope()
    {
        var alone = await SignAsync(SealedEnvelope.Create(Samples.Draft()).Head);
        Assert.False(Envelope.TryParse(alone, EnvelopeLimits.Default, out _, out var fault, out var detail));
        Assert.Equal(EnvelopeFault.MissingMember, fault);
        Assert.Contains("'content'", detail, StringComparison.Ordinal);
    }

    private static Envelope Parse(byte[] wire)
    {
        Assert.True(Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        return envelope;
    }

    private static SignedHead Head(byte[] wire)
    {
        Assert.True(SignedHead.TryParse(wire, EnvelopeLimits.Default, out var head, out _, out var detail), detail);
        return head;
    }

    private async Task<byte[]> SignAsync(EnvelopeHead head)
    {
        using var signer = new LocalSigner(_oman);
        return (await SignedHead.SignAsync(head, signer, Token)).ToWire();
    }
}

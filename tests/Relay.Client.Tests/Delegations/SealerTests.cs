using Relay.Client.Delegations;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;

namespace Relay.Client.Tests.Delegations;

public sealed class SealerTests : IDisposable
{
    private readonly Samples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task SealAsync_Stream_ContinuesItself()
    {
        var first = await SealAsync(Samples.Say("one"), StreamPosition.Start);
        var second = await SealAsync(Samples.Say("two"), StreamPosition.After(first.Head));

        Assert.Equal("doha-2026/us/normal/1", first.Id.ToString());
        Assert.Null(first.Head.Previous);
        Assert.Equal("doha-2026/us/normal/2", second.Id.ToString());
        Assert.Equal(first.Digest, second.Head.Previous);
        Assert.Equal(_samples.Time.GetUtcNow(), first.Head.IssuedAt);
        Assert.Equal(_samples.Time.GetUtcNow().AddDays(1), first.Head.ExpiresAt);
    }

    [Fact]
    public async Task SealAsync_TwoAddressees_EachOpens()
    {
        var envelope = await _samples.SignAsync(await SealAsync(Samples.Say("to both", "iran", "oman"), StreamPosition.Start));
        foreach (var name in new[] { "iran", "oman" })
        {
            var result = await _samples.Inspector(delegation: name).InspectAsync(envelope.Wire, TestContext.Current.CancellationToken);
            Assert.True(result.Fault == InboxFault.None, result.Detail);
        }
    }

    [Theory]
    [InlineData("france", "may address")]
    [InlineData("us", "may address")]
    [InlineData("mute", "encryption key of mute")]
    public async Task SealAsync_AddresseeCannotBeReached_SaysWhy(string addressee, string said)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => SealAsync(Samples.Say("x", addressee), StreamPosition.Start));
        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SealAsync_LifetimeOver30Days_Throws() =>
        await Assert.ThrowsAsync<ArgumentException>(
            () => SealAsync(Samples.Say("x") with { Lifetime = TimeSpan.FromDays(31) }, StreamPosition.Start));

    [Fact]
    public void Sealer_KeyTheDocumentDoesNotName_Throws()
    {
        using var signer = new LocalSigner(_samples["iran#1"]);
        Assert.Throws<ArgumentException>(() => new Sealer(_samples.Document, "us", signer, null, _samples.Time));
        Assert.Throws<ArgumentException>(() => new Sealer(_samples.Document, "france", signer, null, _samples.Time));
    }

    private Task<SealedEnvelope> SealAsync(OutgoingStatement statement, StreamPosition position) =>
        _samples.Sealer().SealAsync(statement, position, TestContext.Current.CancellationToken);
}

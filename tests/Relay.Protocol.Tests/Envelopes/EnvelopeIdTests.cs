using FsCheck;
using FsCheck.Fluent;
using Relay.Protocol.Envelopes;

namespace Relay.Protocol.Tests.Envelopes;

public sealed class EnvelopeIdTests
{
    [Theory]
    [InlineData("doha-2026/us/normal/1")]
    [InlineData("a/0/urgent/9007199254740991")]
    [InlineData("01234567890123456789012345678901234567890123456789/x-/normal/10")]
    public void TryParse_Valid_FormatsBack(string text)
    {
        Assert.True(EnvelopeId.TryParse(text, out var id));
        Assert.Equal(text, id.ToString());
        Assert.Equal(text[..text.LastIndexOf('/')], id.Stream.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a/b/normal")]
    [InlineData("a/b/normal/1/")]
    [InlineData("/b/normal/1")]
    [InlineData("a/b/Normal/1")]
    [InlineData("a/b/normal/0")]
    [InlineData("a/b/normal/01")]
    [InlineData("a/b/normal/+1")]
    [InlineData("a/b/normal/-1")]
    [InlineData("a/b/normal/1 ")]
    [InlineData("a/b/normal/９")]
    [InlineData("a/b/normal/9007199254740992")]
    [InlineData("a/b/normal/99999999999999999999")]
    [InlineData("-a/b/normal/1")]
    [InlineData("A/b/normal/1")]
    [InlineData("a_b/b/normal/1")]
    [InlineData("012345678901234567890123456789012345678901234567890/b/normal/1")]
    public void TryParse_Invalid_IsFalse(string? text) => Assert.False(EnvelopeId.TryParse(text, out _));

    [Fact]
    public void TryParse_AnyText_IsFalseOrTheOneTextOfItsId() =>
        Prop.ForAll<string>(text => !EnvelopeId.TryParse(text, out var id) || id.ToString() == text).QuickCheckThrowOnFailure();

    [Fact]
    public void TryParse_AnySequence_FormatsBack() =>
        Prop.ForAll(Gen.Choose(1, int.MaxValue).ToArbitrary(), n =>
        {
            var id = new EnvelopeId("doha", "us", n % 2 == 0 ? Lane.Normal : Lane.Urgent, n * (EnvelopeId.MaxSequence / int.MaxValue));
            return EnvelopeId.TryParse(id.ToString(), out var parsed) && parsed == id;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void LaneText_EveryLane_ReadsBack()
    {
        foreach (var lane in Enum.GetValues<Lane>())
        {
            Assert.True(LaneText.TryParse(lane.ToText(), out var parsed));
            Assert.Equal(lane, parsed);
        }
    }
}

using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Text;

public sealed class DigestTests
{
    // FIPS 180-2 appendix B.1.
    [Fact]
    public void Of_Abc_IsTheKnownAnswer() =>
        Assert.Equal("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", Convert.ToHexString(Digest.Of("abc"u8).ToArray()));

    [Fact]
    public void TryParse_OwnText_IsEqual()
    {
        var digest = Digest.Of([1, 2, 3]);
        Assert.True(Digest.TryParse(digest.ToString(), out var parsed));
        Assert.Equal(digest, parsed);
        Assert.True(digest == parsed);
        Assert.Equal(digest.GetHashCode(), parsed.GetHashCode());
        Assert.NotEqual(digest, Digest.Of([1, 2]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAé")]
    public void TryParse_AnythingElse_IsFalse(string? text) => Assert.False(Digest.TryParse(text, out _));

    [Fact]
    public void Digest_WrongLength_Throws() => Assert.Throws<ArgumentException>(() => new Digest(new byte[31]));
}

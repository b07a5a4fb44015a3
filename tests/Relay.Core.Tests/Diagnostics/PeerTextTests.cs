using Relay.Core.Diagnostics;

namespace Relay.Core.Tests.Diagnostics;

public sealed class PeerTextTests
{
    [Theory]
    [InlineData(null, "nothing")]
    [InlineData("", "''")]
    [InlineData("us", "'us'")]
    [InlineData("a\nb\u202e'c\u00e9", "'a?b??c?'")]
    public void Quote_PeersText_IsPrintableAndQuoted(string? text, string quoted) => Assert.Equal(quoted, PeerText.Quote(text));

    [Fact]
    public void Quote_LongText_IsCutAndSaysSo()
    {
        Assert.Equal("'" + new string('x', 96) + "'", PeerText.Quote(new string('x', 96)));
        Assert.Equal("'" + new string('x', 96) + "'...", PeerText.Quote(new string('x', 97)));
    }
}

using Relay.Core.Ledger.Store;

namespace Relay.Core.Tests.Ledger.Store;

public sealed class LedgerBlobNameTests
{
    [Theory]
    [InlineData("head")]
    [InlineData("doha-2026/tile/0/x001/234.p/8")]
    [InlineData(".negotiations/doha-2026")]
    [InlineData("a/stream/us-normal/00000000.p/3")]
    public void IsValid_NameOfTheLayout_IsTrue(string name) => Assert.True(LedgerBlobName.IsValid(name));

    [Theory]
    [InlineData("")]
    [InlineData("/head")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("a./b")]
    [InlineData("a/b...")]
    [InlineData("Head")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("a\0")]
    [InlineData("c:/a")]
    [InlineData("a~")]
    [InlineData("ä")]
    public void IsValid_AnythingElse_IsFalse(string name)
    {
        Assert.False(LedgerBlobName.IsValid(name));
        Assert.Throws<ArgumentException>(() => LedgerBlobName.ThrowIfInvalid(name));
    }

    [Fact]
    public void IsValid_AtTheLimits_TellsOneCharacterMore()
    {
        var segment = new string('a', LedgerBlobName.MaxSegmentLength);
        Assert.True(LedgerBlobName.IsValid(segment));
        Assert.False(LedgerBlobName.IsValid(segment + "a"));
        var name = string.Join('/', segment, segment, new string('a', LedgerBlobName.MaxLength - 2 * segment.Length - 2));
        Assert.True(LedgerBlobName.IsValid(name));
        Assert.False(LedgerBlobName.IsValid(name + "a"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("a/", true)]
    [InlineData("a/b", true)]
    [InlineData("a/staging/0000000000000001-", true)]
    [InlineData("a/tile/0/000.", true)]
    [InlineData("/", false)]
    [InlineData("a//", false)]
    [InlineData("../", false)]
    [InlineData("a/../", false)]
    [InlineData("A", false)]
    public void IsValidPrefix_Beginnings_AreTold(string prefix, bool valid) => Assert.Equal(valid, LedgerBlobName.IsValidPrefix(prefix));
}

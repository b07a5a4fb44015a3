using Relay.Core.Ledger.Store;

namespace Relay.Checker.Tests;

/// <summary>The checker's own rule of blob names, against the store's.</summary>
public sealed class CheckTextTests
{
    [Theory]
    [InlineData("doha-2026/tile/0/002.p/91", true)]
    [InlineData("a", true)]
    [InlineData(".negotiations/doha", true)]
    [InlineData("", false)]
    [InlineData("/a", false)]
    [InlineData("a/", false)]
    [InlineData("a//b", false)]
    [InlineData("a/..", false)]
    [InlineData("a/../b", false)]
    [InlineData("a./b", false)]
    [InlineData("A/b", false)]
    [InlineData("a/b\n", false)]
    public void IsBlobName_ByForm_IsAsTheStoreHasIt(string name, bool expected)
    {
        Assert.Equal(expected, CheckText.IsBlobName(name));
        Assert.Equal(expected, LedgerBlobName.IsValid(name));
    }

    [Theory]
    [InlineData(200, 1, true)]
    [InlineData(201, 1, false)]
    [InlineData(170, 3, true)]
    [InlineData(171, 3, false)]
    public void IsBlobName_ByLength_IsAsTheStoreHasIt(int segment, int count, bool expected)
    {
        var name = string.Join('/', Enumerable.Repeat(new string('a', segment), count));
        Assert.Equal(expected, CheckText.IsBlobName(name));
        Assert.Equal(expected, LedgerBlobName.IsValid(name));
    }
}

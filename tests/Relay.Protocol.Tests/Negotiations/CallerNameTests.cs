using Relay.Protocol.Negotiations;

namespace Relay.Protocol.Tests.Negotiations;

public sealed class CallerNameTests
{
    // SHA-256 of "test".
    private const string Hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    private const string Text = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";

    [Theory]
    [InlineData(Hex)]
    [InlineData("9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08")]
    [InlineData(Text)]
    public void TryParse_HashOfAPublicKey_IsItsBytes(string text)
    {
        Assert.True(CallerName.TryParse(text, out var name));
        Assert.Equal(Hex, Convert.ToHexStringLower(name.PublicKeyHash!.Value.Span));
        Assert.Null(name.ObjectId);
    }

    [Theory]
    [InlineData("0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0")]
    [InlineData("0F1E2D3C-4B5A-4978-8796-A5B4C3D2E1F0")]
    public void TryParse_ObjectId_IsIt(string text)
    {
        Assert.True(CallerName.TryParse(text, out var name));
        Assert.Equal(Guid.Parse(text), name.ObjectId);
        Assert.Null(name.PublicKeyHash);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("iran")]
    [InlineData("iran@example.org")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("{0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0}")]
    [InlineData("0f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    [InlineData("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f0")]
    [InlineData("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0")]
    [InlineData("9f:86:d0:81:88:4c:7d:65:9a:2f:ea:a0:c5:5a:d0:15:a3:bf:4f:1b:2b:0b")]
    [InlineData("n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=")]
    public void TryParse_WhatCanMatchNobody_IsFalse(string? text) => Assert.False(CallerName.TryParse(text, out _));
}

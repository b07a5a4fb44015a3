using System.Text;
using Relay.Core.Ledger.State;
using Relay.Protocol.Text;

namespace Relay.Core.Tests.Ledger.State;

public sealed class HeldContentTests
{
    private static readonly HeldContent Sample = new(
        [1, 0], new PolicyState(7, Digest.Of("policy"u8)), "{\"payload\":\n\"\"}"u8.ToArray());

    [Fact]
    public void TryRead_Written_GivesTheSame()
    {
        Assert.True(HeldContent.TryRead(Sample.ToBytes(), out var read));
        Assert.Equal(Sample.Counted, read.Counted);
        Assert.Equal(Sample.Policy, read.Policy);
        Assert.Equal(Sample.Wire.ToArray(), read.Wire.ToArray());
    }

    [Fact]
    public void TryRead_EveryBitOfTheFirstLineFlipped_NeverThrows()
    {
        var bytes = Sample.ToBytes();
        var line = bytes.AsSpan().IndexOf((byte)'\n');
        for (var bit = 0; bit <= line * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            if (HeldContent.TryRead(bytes.ToArray(), out var read)) Assert.Equal(bytes, read.ToBytes());
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData("[1,0]", "[1,1]")]
    [InlineData("[1,0]", "[1,32]")]
    [InlineData("[1,0]", "[1,-1]")]
    [InlineData("[1,0]", "[1,1e0]")]
    [InlineData("[1,0]", "[\"1\"]")]
    [InlineData("\"version\":7", "\"version\":7 ")]
    [InlineData("\"version\":7", "\"version\":7,\"version\":7")]
    [InlineData("\"version\":7", "\"version\":1e1")]
    [InlineData("[1,0]", "[]")]
    public void TryRead_AnotherSpelling_IsRefused(string old, string now)
    {
        var bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Sample.ToBytes()).Replace(old, now, StringComparison.Ordinal));
        Assert.False(HeldContent.TryRead(bytes, out _));
    }
}

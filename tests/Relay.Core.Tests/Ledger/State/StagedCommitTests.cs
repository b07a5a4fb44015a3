using Relay.Core.Ledger.State;

namespace Relay.Core.Tests.Ledger.State;

public sealed class StagedCommitTests
{
    private static readonly StagedCommit Sample = new(
        42, [new("a/b", "content"u8.ToArray()), new("a/c", Array.Empty<byte>())], ["a/d", "a/e"]);

    [Fact]
    public void TryRead_Written_GivesTheSame()
    {
        Assert.True(StagedCommit.TryRead(Sample.ToBytes(), out var read, out var error), error);
        Assert.Equal(42, read.Commit);
        Assert.Equal(["a/b", "a/c"], read.Puts.Select(put => put.Name));
        Assert.Equal("content"u8.ToArray(), read.Puts[0].Content.ToArray());
        Assert.Equal(Sample.Deletes, read.Deletes);
    }

    [Fact]
    public void TryRead_EveryPrefixAndOneByteMore_IsRefused()
    {
        var bytes = Sample.ToBytes();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(StagedCommit.TryRead(bytes.AsMemory(0, length), out _, out var error));
            Assert.Matches("expected .*got ", error);
        }

        Assert.False(StagedCommit.TryRead((byte[])[.. bytes, 0], out _, out _));
    }

    [Fact]
    public void TryRead_EveryBitFlipped_NeverThrowsAndReadsOnlyWhatItWouldWrite()
    {
        var bytes = Sample.ToBytes();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            if (StagedCommit.TryRead(bytes.ToArray(), out var read, out _)) Assert.Equal(bytes, read.ToBytes());
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}

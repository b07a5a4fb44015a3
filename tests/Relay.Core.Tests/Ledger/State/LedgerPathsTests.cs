using Relay.Core.Ledger.State;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Core.Tests.Ledger.State;

public sealed class LedgerPathsTests
{
    private static readonly StreamId Stream = new("doha-2026", "us-east", Lane.Urgent);

    [Fact]
    public void Names_AreAsTheLayoutSays()
    {
        var digest = Digest.Of([]);
        const string hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        Assert.Equal("doha-2026/head", LedgerPaths.Head("doha-2026"));
        Assert.Equal("doha-2026/checkpoint", LedgerPaths.Checkpoint("doha-2026"));
        Assert.Equal("doha-2026/certificate/0000beef", LedgerPaths.Certificate("doha-2026", 0xbeef));
        Assert.Equal("doha-2026/tile/entries/000.p/3", LedgerPaths.Tile("doha-2026", new TileId(TileId.EntriesLevel, 0, 3)));
        Assert.Equal("doha-2026/stream/us-east-urgent/00000001.p/5", LedgerPaths.Chunk(Stream, 1, 5));
        Assert.Equal("doha-2026/stream/us-east-urgent/00000001", LedgerPaths.Chunk(Stream, 1, 256));
        Assert.Equal(
            $"doha-2026/held/us-east-urgent/7-{hex}", LedgerPaths.Held(new EnvelopeId("doha-2026", "us-east", Lane.Urgent, 7), digest));
        Assert.Equal($"doha-2026/evidence/{hex}", LedgerPaths.Evidence("doha-2026", digest));
        Assert.Equal(".negotiations/doha-2026", LedgerPaths.Marker("doha-2026"));
    }

    [Theory]
    [InlineData(1, 1, "00000000.p/1")]
    [InlineData(1, 256, "00000000")]
    [InlineData(256, 300, "00000000")]
    [InlineData(257, 257, "00000001.p/1")]
    [InlineData(300, 512, "00000001")]
    public void ChunkAt_Boundaries_NameTheChunkAndItsWidth(long sequence, long last, string name) =>
        Assert.EndsWith("/" + name, LedgerPaths.ChunkAt(Stream, sequence, last), StringComparison.Ordinal);

    [Fact]
    public void PartialsOf_TreeAndStreams_AreThoseThatAreNotFull()
    {
        var range = new CompactRange();
        for (var i = 0; i < 258; i++) range.Append(Digest.Of([(byte)i]));
        var state = LedgerState.Empty with
        {
            Range = range,
            Streams =
            [
                new StreamState("us", Lane.Normal, 256, default, default, []),
                new StreamState("iran", Lane.Urgent, 1, default, default, []),
                new StreamState("iran", Lane.Normal, 0, default, default, []),
            ],
        };

        var names = LedgerPaths.PartialsOf("doha-2026", state).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(
            [
                "doha-2026/stream/iran-urgent/00000000.p/1",
                "doha-2026/tile/0/001.p/2",
                "doha-2026/tile/1/000.p/1",
                "doha-2026/tile/entries/001.p/2",
            ],
            names);
        Assert.All(names, name => Assert.True(LedgerPaths.IsPartial(name)));
        Assert.False(LedgerPaths.IsPartial("doha-2026/tile/0/000"));
    }

    [Theory]
    [InlineData(".negotiations/doha-2026", true)]
    [InlineData(".negotiations/", false)]
    [InlineData(".negotiations/a/b", false)]
    [InlineData("negotiations/doha-2026", false)]
    public void TryParseMarker_OnlyMarkers_AreRead(string name, bool expected) =>
        Assert.Equal(expected, LedgerPaths.TryParseMarker(name, out _));
}

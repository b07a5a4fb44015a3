using Emulator.Amqp.Framing;
using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Framing;

public sealed class CapturedFramesTests
{
    public static TheoryData<string> Frames => new(CapturedFrames.All);

    [Theory]
    [MemberData(nameof(Frames))]
    public void TryRewrite_CapturedFrame_IsStableAfterOnePass(string hex)
    {
        var frame = Convert.FromHexString(hex);
        Assert.Equal(frame.Length, (int)Convert.ToUInt32(hex[..8], 16));
        Assert.True(FrameRoundTrip.TryRewrite(frame, out var once, out _));
        Assert.True(FrameRoundTrip.TryRewrite(once, out var twice, out _));
        Assert.Equal(Convert.ToHexString(once), Convert.ToHexString(twice));
    }

    [Fact]
    public void TryRewrite_FramesInOurForm_AreByteExact()
    {
        var exact = CapturedFrames.All.Where(hex => FrameRoundTrip.TryRewrite(Convert.FromHexString(hex), out var rewritten, out _)
            && string.Equals(Convert.ToHexString(rewritten), hex, StringComparison.OrdinalIgnoreCase)).ToList();

        // Broker attaches, dispositions, refusals and detaches of the captures are in the form this encoder writes.
        Assert.Contains("0000001602000001005315c009054143404100532445", exact);
        Assert.Contains("0000001602000002005315c009054243404100532445", exact);
        Assert.Contains("0000002a02000004005315c01d0541434041005333c01301a010d69ca9964c6c4881a7ed92b2930efb64", exact);
        Assert.Contains("0000002f02000001005315c022054152074041005334c01702a010d69ca9964c6c4881a7ed92b2930efb6400532445", exact);
        Assert.Contains("0000006602000009005316c05903434100531dc05102a30e616d71703a6e6f742d666f756e64a13e546865206d6573736167696e6720656e74697479202773623a2f2f6c6f63616c686f73742f6e6f70652720636f756c64206e6f7420626520666f756e642e", exact);
        Assert.Contains("0000000c0200000100531745", exact);
        Assert.Contains("0000000c0200000000531845", exact);
    }
}

using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Text;

public sealed class StrictBase64Tests
{
    // RFC 4648 section 10.
    [Theory]
    [InlineData("", "")]
    [InlineData("Zg==", "f")]
    [InlineData("Zm8=", "fo")]
    [InlineData("Zm9v", "foo")]
    [InlineData("Zm9vYmFy", "foobar")]
    public void Decode_KnownText_IsTheKnownAnswer(string text, string bytes)
    {
        Assert.Equal(bytes, Samples.Text(StrictBase64.Decode(Samples.Ascii(text))));
        Assert.Equal(text, StrictBase64.Encode(Samples.Ascii(bytes)));
    }

    [Theory]
    [InlineData("Zg")]
    [InlineData("Zg=")]
    [InlineData("Zh==")]
    [InlineData("Zm9=")]
    [InlineData("Zm9v    ")]
    [InlineData("Zm 9v   ")]
    [InlineData("\nZg== \t ")]
    [InlineData("Zg==Zg==")]
    [InlineData("Zm9-")]
    [InlineData("====")]
    public void Decode_AnotherTextOfTheSameBytesOrNone_IsNull(string text) => Assert.Null(StrictBase64.Decode(Samples.Ascii(text)));
}

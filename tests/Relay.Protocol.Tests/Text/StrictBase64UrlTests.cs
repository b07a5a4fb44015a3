using FsCheck;
using FsCheck.Fluent;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Text;

public sealed class StrictBase64UrlTests
{
    [Fact]
    public void Decode_AnyEncodedBytes_GivesThemBack() =>
        Prop.ForAll<byte[]>(
            bytes => StrictBase64Url.Decode(StrictBase64Url.Encode(bytes)) is { } back && back.AsSpan().SequenceEqual(bytes))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Decode_EveryTextOfTwoOrThreeCharacters_IsTheOneThatEncodes()
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=% \n\t.";
        foreach (var a in Alphabet)
        {
            foreach (var b in Alphabet)
            {
                foreach (var text in new[] { $"{a}{b}", $"{a}{b}A", $"A{a}{b}", $"AA{a}{b}" })
                {
                    var bytes = StrictBase64Url.Decode(text);
                    Assert.True(bytes is null || StrictBase64Url.Encode(bytes) == text, text);
                }
            }
        }
    }

    [Theory]
    [InlineData("A")]
    [InlineData("AAAAA")]
    [InlineData("AA==")]
    [InlineData("AA=")]
    [InlineData("AAA=")]
    [InlineData("AB")]
    [InlineData("AAB")]
    [InlineData("AA+A")]
    [InlineData("AA/A")]
    [InlineData(" AAA")]
    [InlineData("AA AA A")]
    [InlineData("AAAA\n")]
    [InlineData("AAAé")]
    public void Decode_NotStrict_IsNull(string text) => Assert.Null(StrictBase64Url.Decode(text));

    [Fact]
    public void TryDecode_ShortDestination_IsFalse() => Assert.False(StrictBase64Url.TryDecode("AAAA"u8, new byte[2], out _));
}

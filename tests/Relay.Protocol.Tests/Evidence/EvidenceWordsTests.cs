using System.Text;
using Relay.Protocol.Evidence;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>Every text has one folded form, and what is none is refused; the published vectors hold the other judges to the same.</summary>
public sealed class EvidenceWordsTests
{
    private const string Long = "abcdefghijklmnopqrstuvwxyz012345";

    // Letters enough for words that come again, and every character that means something.
    private static readonly string[] Pieces =
    [
        " ", "\n", "*", "=", "~", "'", "0", "1", "a", Long, Long[1..], Base64("{\"a\":\"a text with spaces!!!!\"}"),
        Base64("{\"a\":\"a_text_without_spaces!\"}"), Convert.ToBase64String(new byte[32]),
    ];

    [Theory]
    [InlineData("a\n", "a\n")]
    [InlineData($"{Long} {Long}\n", $"{Long} *0\n")]
    [InlineData($"x{Long} {Long}\n {Long} x{Long}\n", $"x{Long} {Long}\n *1 *0\n")]
    [InlineData("*0 =a ~a 'a * a* \n", "'*0 '=a '~a ''a '* a* \n")]
    [InlineData($"*{Long} *{Long}\n", $"'*{Long} *0\n")]
    [InlineData("eyJhIjoiYV90ZXh0X3dpdGhvdXRfc3BhY2VzISJ9\n", "={\"a\":\"a_text_without_spaces!\"}\n")]
    [InlineData("eyJhIjoiYV90ZXh0X3dpdGhvdXRfc3BhY2UifQ==\n", "={\"a\":\"a_text_without_space\"}\n")]
    [InlineData("eyJhIjoiYV90ZXh0X3dpdGhvdXRfc3BhY2UifQ\n", "~{\"a\":\"a_text_without_space\"}\n")]
    [InlineData("eyJhIjoiYSB0ZXh0IHdpdGggc3BhY2VzISEhISJ9\n", "eyJhIjoiYSB0ZXh0IHdpdGggc3BhY2VzISEhISJ9\n")]
    [InlineData("eyJhIjoiYiJ9\n", "eyJhIjoiYiJ9\n")]
    public void Fold_Text_IsAsItIsSpecified(string text, string folded)
    {
        Assert.Equal(folded, Samples.Text(EvidenceWords.Fold(Samples.Utf8(text))));
        Assert.True(EvidenceWords.TryUnfold(Samples.Utf8(folded), out var again, out var error), error);
        Assert.Equal(text, Samples.Text(again));
    }

    [Fact]
    public void TryUnfold_OfAnyText_GivesItBackAndNothingElseGivesIt()
    {
        var random = new Random(20261130);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder();
            for (var left = random.Next(12); left > 0; left--) text.Append(Pieces[random.Next(Pieces.Length)]);
            var bytes = Samples.Utf8(text.Append('\n').ToString());
            var folded = EvidenceWords.Fold(bytes);
            Assert.True(EvidenceWords.TryUnfold(folded, out var again, out var error), error);
            Assert.Equal(bytes, again);
            // What is read from anything else is another text, of which that is the one form.
            folded[random.Next(folded.Length)] = (byte)Pieces[random.Next(9)][0];
            if (EvidenceWords.TryUnfold(folded, out var other, out error)) Assert.Equal(folded, EvidenceWords.Fold(other));
            else Assert.StartsWith("expected ", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TryUnfold_AWordManyTimes_EndsWhereAFileMayEnd()
    {
        var (word, most) = (new string('x', 1023), EvidenceFile.MaxBytes / 1024);
        string Of(int times) => $"{word} {string.Concat(Enumerable.Repeat("*0 ", times - 2))}*0\n";
        Assert.True(EvidenceWords.TryUnfold(Samples.Utf8(Of(most)), out var text, out var error), error);
        Assert.Equal(EvidenceFile.MaxBytes, text.Length);
        Assert.False(EvidenceWords.TryUnfold(Samples.Utf8(Of(most + 1)), out _, out error));
        Assert.Equal("expected at most 524288 bytes of evidence in full, got more", error);
    }

    private static string Base64(string text) => Convert.ToBase64String(Samples.Utf8(text));
}

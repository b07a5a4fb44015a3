using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Protocol.Text;

namespace Relay.Protocol.Evidence;

/// <summary>
/// How the text of an evidence file is written so that nothing stands in it twice, and base64 of a text as that text. Total: every text
/// of words has exactly one folded form, and what is not the folded form of a text is refused.
/// </summary>
/// <remarks>
/// A word ends at a space or a newline. A long one (32 characters or more) is written in full once, numbered from 0 in the order in which
/// they come, and as <c>*{number}</c> from then on. Written in full, a long word that is base64 of printable ASCII without spaces is
/// <c>=</c> and what it says; if it is that in base64url, <c>~</c> and what it says. Any other word that begins with one of the four marks
/// <c>* = ~ '</c> stands behind a <c>'</c>.
/// </remarks>
internal static class EvidenceWords
{
    /// <summary>Characters from which a word is numbered.</summary>
    public const int LongWord = 32;

    private const byte Known = (byte)'*';
    private const byte Base64Text = (byte)'=';
    private const byte Base64UrlText = (byte)'~';
    private const byte AsItIs = (byte)'\'';

    private static readonly SearchValues<byte> Ends = SearchValues.Create(" \n"u8);

    /// <summary>True for printable ASCII, spaces and newlines.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            if (one is not (>= (byte)' ' and <= (byte)'~') and not (byte)'\n') return false;
        }
        return true;
    }

    /// <summary>The folded form of a text of which <see cref="IsText"/> holds, and whose last word has an end.</summary>
    public static byte[] Fold(ReadOnlySpan<byte> text)
    {
        var folded = new ArrayBufferWriter<byte>(Math.Max(1, text.Length));
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var rest = text; !rest.IsEmpty;)
        {
            var end = rest.IndexOfAny(Ends);
            FoldWord(rest[..end], numbers, folded);
            folded.Write(rest.Slice(end, 1));
            rest = rest[(end + 1)..];
        }
        return folded.WrittenSpan.ToArray();
    }

    /// <summary>The text of which these bytes are the folded form.</summary>
    /// <param name="folded">As read from anywhere.</param>
    /// <param name="text">Null when false; at most <see cref="EvidenceFile.MaxBytes"/>.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryUnfold(ReadOnlySpan<byte> folded, [NotNullWhen(true)] out byte[]? text, out string error)
    {
        text = null;
        if (folded.IsEmpty || folded[^1] != (byte)'\n' || !IsText(folded))
        {
            error = "expected printable ASCII in lines, each ended by a newline, got something else";
            return false;
        }
        var unfolded = new ArrayBufferWriter<byte>(folded.Length);
        var longWords = new List<Range>();
        for (var rest = folded; !rest.IsEmpty;)
        {
            var end = rest.IndexOfAny(Ends);
            var start = unfolded.WrittenCount;
            if (!TryUnfoldWord(rest[..end], longWords, unfolded, out error)) return false;
            if (unfolded.WrittenCount - start >= LongWord && rest[0] != Known) longWords.Add(start..unfolded.WrittenCount);
            unfolded.Write(rest.Slice(end, 1));
            rest = rest[(end + 1)..];
        }
        text = unfolded.WrittenSpan.ToArray();
        error = "";
        if (Fold(text).AsSpan().SequenceEqual(folded)) return true;
        error = "expected each long word in full once and by its number from then on, and text in base64 as that text, got it otherwise";
        text = null;
        return false;
    }

    private static void FoldWord(ReadOnlySpan<byte> word, Dictionary<string, int> numbers, ArrayBufferWriter<byte> folded)
    {
        if (word.Length >= LongWord)
        {
            var whole = System.Text.Encoding.ASCII.GetString(word);
            if (numbers.TryGetValue(whole, out var number))
            {
                folded.Write([Known, .. System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture))]);
                return;
            }
            numbers.Add(whole, numbers.Count);
            if (Said(StrictBase64.Decode(word), Base64Text, folded) || Said(StrictBase64Url.Decode(word), Base64UrlText, folded)) return;
        }
        if (!word.IsEmpty && word[0] is Known or Base64Text or Base64UrlText or AsItIs) folded.Write([AsItIs]);
        folded.Write(word);
    }

    private static bool Said(byte[]? bytes, byte mark, ArrayBufferWriter<byte> folded)
    {
        if (bytes is null || bytes.AsSpan().ContainsAnyExceptInRange((byte)'!', (byte)'~')) return false;
        folded.Write([mark]);
        folded.Write(bytes);
        return true;
    }

    private static bool TryUnfoldWord(
        ReadOnlySpan<byte> word, List<Range> longWords, ArrayBufferWriter<byte> unfolded, out string error)
    {
        scoped ReadOnlySpan<byte> plain = word;
        error = "";
        if (!word.IsEmpty && word[0] == Known)
        {
            if (!StrictDecimal.TryParse(word[1..], longWords.Count - 1, out var number))
            {
                error = $"expected * and a number below {longWords.Count}, got {Excerpt.Of(word)}";
                return false;
            }
            plain = unfolded.WrittenSpan[longWords[(int)number]];
        }
        else if (!word.IsEmpty && word[0] is Base64Text or Base64UrlText)
        {
            var encoded = word[0] == Base64Text ? StrictBase64.Encode(word[1..]) : StrictBase64Url.Encode(word[1..]);
            plain = System.Text.Encoding.ASCII.GetBytes(encoded);
        }
        else if (!word.IsEmpty && word[0] == AsItIs)
        {
            plain = word[1..];
        }
        // Also the end of the word: a number in a few characters stands for a word of any length.
        if (unfolded.WrittenCount + plain.Length + 1 > EvidenceFile.MaxBytes)
        {
            error = $"expected at most {EvidenceFile.MaxBytes} bytes of evidence in full, got more";
            return false;
        }
        unfolded.Write(plain);
        return true;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relay.Protocol.Envelopes;

/// <summary>Name of an envelope, <c>{negotiation}/{sender}/{lane}/{sequence}</c>; one text per value.</summary>
/// <param name="Negotiation">Name, see <see cref="RelayName"/>.</param>
/// <param name="Sender">Name of a delegation, see <see cref="RelayName"/>.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Sequence">1 to <see cref="MaxSequence"/>, rising by one in each stream.</param>
public readonly record struct EnvelopeId(string Negotiation, string Sender, Lane Lane, long Sequence)
{
    /// <summary>Highest sequence: 2^53 - 1, the largest integer every JSON implementation keeps exactly (RFC 8259 section 6).</summary>
    public const long MaxSequence = (1L << 53) - 1;

    /// <summary>Longest text in characters: 50 + 1 + 50 + 1 + 6 + 1 + 16.</summary>
    public const int MaxLength = 125;

    /// <summary>The stream this envelope belongs to.</summary>
    public StreamId Stream => new(Negotiation, Sender, Lane);

    /// <summary>
    /// Reads an id; false when a name, the lane or the sequence (decimal, no sign, no leading zero, from 1) breaks its rule.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EnvelopeId id)
    {
        id = default;
        return text is not null && TryParse(text.AsSpan(), out id);
    }

    /// <inheritdoc cref="TryParse(string?, out EnvelopeId)"/>
    public static bool TryParse(ReadOnlySpan<char> text, out EnvelopeId id)
    {
        id = default;
        if (text.Length > MaxLength) return false;
        Span<Range> parts = stackalloc Range[5];
        if (text.Split(parts, '/') != 4) return false;
        var negotiation = text[parts[0]];
        var sender = text[parts[1]];
        if (!RelayName.IsValid(negotiation) || !RelayName.IsValid(sender)) return false;
        if (!LaneText.TryParse(text[parts[2]], out var lane) || !TryParseSequence(text[parts[3]], out var sequence)) return false;
        id = new EnvelopeId(negotiation.ToString(), sender.ToString(), lane, sequence);
        return true;
    }

    /// <summary><c>{negotiation}/{sender}/{lane}/{sequence}</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Negotiation}/{Sender}/{Lane.ToText()}/{Sequence}");

    private static bool TryParseSequence(ReadOnlySpan<char> text, out long sequence)
    {
        sequence = 0;
        if (text.Length is 0 or > 16 || text[0] == '0') return false;
        foreach (var c in text)
        {
            if (c is not (>= '0' and <= '9')) return false;
            sequence = sequence * 10 + (c - '0');
        }
        return sequence <= MaxSequence;
    }
}

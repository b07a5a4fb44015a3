using System.Collections.Immutable;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// Reads the fields of an entry; after the first that breaks its rule, the rest are defaults and <see cref="Error"/> stays.
/// </summary>
internal ref struct EntryReader(ReadOnlySpan<byte> text)
{
    private LineReader _lines = new(text);

    public string Error { get; private set; } = "";

    public ReadOnlySpan<byte> Line()
    {
        if (!_lines.TryNext(out var line)) Fail("a further line with its newline", line);
        return line;
    }

    public EnvelopeId Id()
    {
        var line = Line();
        Span<char> text = stackalloc char[EnvelopeId.MaxLength];
        if (System.Text.Ascii.ToUtf16(line, text, out var length) == System.Buffers.OperationStatus.Done
            && EnvelopeId.TryParse(text[..length], out var id))
        {
            return id;
        }
        Fail("an envelope id", line);
        return default;
    }

    public Digest Digest()
    {
        var line = Line();
        if (!StrictBase64.TryDecode(line, out var digest)) Fail("a digest in base64", line);
        return digest;
    }

    public long Number(long min, long max)
    {
        var line = Line();
        if (!StrictDecimal.TryParse(line, max, out var value) || value < min) Fail($"a number from {min} to {max}", line);
        return value;
    }

    public DateTimeOffset Time(long max)
    {
        var value = Number(0, max);
        return Error.Length > 0 ? default : DateTimeOffset.FromUnixTimeMilliseconds(value);
    }

    /// <summary>1 to <paramref name="max"/> names, comma separated, each after the one before it in byte order.</summary>
    public ImmutableArray<string> Names(int max)
    {
        var line = Line();
        var names = ImmutableArray.CreateBuilder<string>(2);
        foreach (var range in line.Split((byte)','))
        {
            var bytes = line[range];
            if (names.Count == max || !RelayName.IsValid(bytes))
            {
                Fail($"1 to {max} names", line);
                return [];
            }
            var name = System.Text.Encoding.ASCII.GetString(bytes);
            if (names.Count > 0 && string.CompareOrdinal(names[^1], name) >= 0)
            {
                Fail("distinct names in order", line);
                return [];
            }
            names.Add(name);
        }
        return names.DrainToImmutable();
    }

    /// <summary>Call after the last field.</summary>
    public void End()
    {
        if (!_lines.IsAtEnd) Fail($"the end of the entry, {_lines.Left} bytes earlier", "more"u8);
    }

    public void Fail(string expected, ReadOnlySpan<byte> came)
    {
        if (Error.Length == 0) Error = $"expected {expected}, got {Excerpt.Of(came)}";
    }
}

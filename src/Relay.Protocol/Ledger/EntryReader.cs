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

    /// <summary>A policy digest, a head in base64, then a line for each signature, up to the next line that is none.</summary>
    public JudgedHead Judged()
    {
        var policy = Digest();
        var line = Line();
        var head = StrictBase64.Decode(line);
        if (head is null) Fail("a head in base64", line);
        var signatures = new List<(byte[] Header, byte[] Value)>();
        while (Error.Length == 0 && TrySignatureLine(out line)) signatures.Add(Signature(line));
        if (Error.Length > 0) return null!;
        if (SignedHead.TryCreate(head!, signatures, out var signed, out var error)) return new JudgedHead(policy, signed);
        Error = error;
        return null!;
    }

    /// <summary>Call after the last field.</summary>
    public void End()
    {
        if (!_lines.IsAtEnd) Fail($"the end of the entry, {_lines.Left} bytes earlier", "more"u8);
    }

    // The one kind of line with a space in it.
    private bool TrySignatureLine(out ReadOnlySpan<byte> line)
    {
        var ahead = _lines;
        if (!ahead.TryNext(out line) || !line.Contains((byte)' ')) return false;
        _lines = ahead;
        return true;
    }

    private (byte[] Header, byte[] Value) Signature(ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        if (StrictBase64.Decode(line[..space]) is { } header && StrictBase64.Decode(line[(space + 1)..]) is { } value)
        {
            return (header, value);
        }
        Fail("a protected header and a signature in base64", line);
        return ([], []);
    }

    public void Fail(string expected, ReadOnlySpan<byte> came)
    {
        if (Error.Length == 0) Error = $"expected {expected}, got {Excerpt.Of(came)}";
    }
}

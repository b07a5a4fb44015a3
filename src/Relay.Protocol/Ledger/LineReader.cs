namespace Relay.Protocol.Ledger;

/// <summary>Lines of a text in which each, the last one too, ends with a newline. The text is bounded by its caller.</summary>
internal ref struct LineReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly int Left => _rest.Length;

    /// <summary>The next line without its newline; false, and what is left, when there is none.</summary>
    public bool TryNext(out ReadOnlySpan<byte> line)
    {
        var end = _rest.IndexOf((byte)'\n');
        line = end < 0 ? _rest : _rest[..end];
        if (end < 0) return false;
        _rest = _rest[(end + 1)..];
        return true;
    }
}

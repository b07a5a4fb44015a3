namespace Relay.Core.Statistics;

/// <summary>Goes over lines of <see cref="TallyText"/> without reading them.</summary>
internal ref struct TallyLines(ReadOnlySpan<byte> lines)
{
    private ReadOnlySpan<byte> _rest = lines;

    /// <summary>The line that it stands on, without its end; empty before the first and after the last.</summary>
    public ReadOnlySpan<byte> Line { get; private set; }

    /// <summary>Whose that is.</summary>
    public readonly ReadOnlySpan<byte> Name => Line.IndexOf((byte)' ') is >= 0 and var at ? Line[..at] : Line;

    /// <summary>Goes to the next; false after the last.</summary>
    public bool Next()
    {
        var end = _rest.IndexOf((byte)'\n');
        Line = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        return !Line.IsEmpty;
    }
}

namespace Relay.Risk.Series;

/// <summary>Which way a series has gone.</summary>
public enum ChangeDirection
{
    /// <summary>Values are larger than before; for gaps, slower.</summary>
    Up,

    /// <summary>Values are smaller than before; for gaps, faster.</summary>
    Down,
}

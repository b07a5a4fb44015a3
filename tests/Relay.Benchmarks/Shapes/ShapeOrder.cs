namespace Relay.Benchmarks.Shapes;

/// <summary>In which order the envelopes of a backlog come.</summary>
internal enum ShapeOrder
{
    /// <summary>Each stream's in its order, the streams in turns.</summary>
    Ordered,

    /// <summary>All of them shuffled.</summary>
    Random,

    /// <summary>Each stream's reversed within windows of 64, the streams in turns.</summary>
    Reversed,
}

namespace Relay.Benchmarks.Shapes;

/// <summary>Where the ledgers are.</summary>
internal enum ShapeStore
{
    Memory,
    Folder,
}

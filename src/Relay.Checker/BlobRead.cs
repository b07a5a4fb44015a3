namespace Relay.Checker;

/// <summary>What reading a blob gave.</summary>
/// <param name="Content">Its bytes, unless there is a problem.</param>
/// <param name="Problem">What was expected and what came; null when nothing is wrong.</param>
internal readonly record struct BlobRead(ReadOnlyMemory<byte> Content, string? Problem);

namespace Relay.Checker;

/// <summary>A blob as the store gave it.</summary>
/// <param name="Content">Its bytes; when not <paramref name="Intact"/>, what is there of them.</param>
/// <param name="Version">Opaque; another one after every change.</param>
/// <param name="Intact">False when the store itself knows that these are not the bytes that were put. True proves nothing.</param>
public sealed record CheckedBlob(ReadOnlyMemory<byte> Content, string Version, bool Intact);

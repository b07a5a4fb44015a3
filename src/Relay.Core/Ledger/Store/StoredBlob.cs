namespace Relay.Core.Ledger.Store;

/// <summary>A blob as it was read.</summary>
/// <param name="Content">Its bytes; when not <paramref name="Intact"/>, what is there of them.</param>
/// <param name="ETag">Opaque; differs from that of any other content this name
/// has had, as far as the caller never stores the same bytes twice.</param>
/// <param name="Intact">False when the store knows that these are not the
/// bytes that were put: torn, cut or flipped. True proves nothing.</param>
public sealed record StoredBlob(ReadOnlyMemory<byte> Content, string ETag, bool Intact);

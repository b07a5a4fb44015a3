namespace Relay.Benchmarks.Shapes;

/// <summary>Calls at a store.</summary>
/// <param name="Puts">Blobs created.</param>
/// <param name="ConditionalPuts">Blobs replaced by their ETag, refused ones counted in.</param>
/// <param name="Refused">Puts of either kind that found another there.</param>
/// <param name="Gets">Blobs read, those that are not there counted in.</param>
/// <param name="Deletes">Blobs removed.</param>
/// <param name="Lists">Listings.</param>
/// <param name="BytesPut">Content of all puts.</param>
/// <param name="BytesGot">Content of all gets.</param>
internal readonly record struct StoreCounts(
    long Puts, long ConditionalPuts, long Refused, long Gets, long Deletes, long Lists, long BytesPut, long BytesGot)
{
    /// <summary>Blobs written.</summary>
    public long Writes => Puts + ConditionalPuts;

    public static StoreCounts operator +(StoreCounts left, StoreCounts right) => new(
        left.Puts + right.Puts,
        left.ConditionalPuts + right.ConditionalPuts,
        left.Refused + right.Refused,
        left.Gets + right.Gets,
        left.Deletes + right.Deletes,
        left.Lists + right.Lists,
        left.BytesPut + right.BytesPut,
        left.BytesGot + right.BytesGot);
}

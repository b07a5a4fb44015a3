using System.Collections.Immutable;
using System.Text.Json;

namespace Relay.Client.Prekeys;

/// <summary>What a key store knows of the bundles it has made. Immutable.</summary>
/// <param name="Number">Of the newest; 0 before the first.</param>
/// <param name="NextId">Id of the next one-time key; none that was ever given away comes back.</param>
/// <param name="Bundles">Those whose private keys may still be there, the oldest first.</param>
internal sealed record StoredBundles(long Number, long NextId, ImmutableArray<StoredBundle> Bundles)
{
    public static readonly StoredBundles Empty = new(0, 1, []);

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    public static StoredBundles? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var read = JsonSerializer.Deserialize<StoredBundles>(json);
            return read is { Number: >= 0, NextId: > 0, Bundles.IsDefault: false } ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A bundle that was made here.</summary>
/// <param name="Number">Its number.</param>
/// <param name="First">Id of its first one-time key.</param>
/// <param name="Count">How many.</param>
/// <param name="IssuedAt">From when.</param>
/// <param name="ExpiresAt">Until when senders may seal to its keys.</param>
/// <param name="IsPublished">The relay has it, by its receipt.</param>
internal sealed record StoredBundle(
    long Number, long First, int Count, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, bool IsPublished);

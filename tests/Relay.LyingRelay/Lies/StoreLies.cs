using Relay.LyingRelay.Cast;

namespace Relay.LyingRelay.Lies;

/// <summary>Blobs changed where they lie, by whoever holds the store.</summary>
internal static class StoreLies
{
    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.StoredEntryChanged] = Flip("has an entry changed in its store", "tile/entries/"),
        [LieKind.StoredTileChanged] = Flip("has a hash changed in its store", "tile/0/"),
        [LieKind.StoredPolicyChanged] = Flip("has a document changed in its store", "policy/"),
    };

    private static Lie Flip(string tells, string prefix) => new(tells)
    {
        Later = telling =>
        {
            var path = $"{Company.Negotiation}/{prefix}";
            var name = telling.Store.Names.First(name => name.StartsWith(path, StringComparison.Ordinal));
            var content = telling.Store.Find(name)!.Content.ToArray();
            content[content.Length / 2] ^= 1;
            telling.Store.Set(name, content);
            return Task.CompletedTask;
        },
    };
}

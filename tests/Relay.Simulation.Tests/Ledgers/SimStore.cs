namespace Relay.Simulation.Tests.Ledgers;

/// <summary>What the ledger container holds, shared by all workers of a world, and every head and checkpoint that was ever in it.</summary>
internal sealed class SimStore
{
    private readonly SortedDictionary<string, Blob> _blobs = new(StringComparer.Ordinal);
    private long _version;

    /// <summary>Every content that a blob named <c>checkpoint</c> ever had, in order.</summary>
    public List<byte[]> Published { get; } = [];

    /// <summary>Every content that a blob named <c>head</c> ever had, in order: readers are shown its checkpoint.</summary>
    public List<byte[]> Heads { get; } = [];

    public IEnumerable<string> Names => _blobs.Keys;

    public Blob? Get(string name) => _blobs.GetValueOrDefault(name);

    /// <returns>The new version, or null when the blob is there already.</returns>
    public string? PutIfAbsent(string name, byte[] content, bool torn) =>
        _blobs.ContainsKey(name) ? null : Put(name, torn ? content[..(content.Length / 2)] : content, !torn);

    /// <returns>The new version, or null when the blob has another one.</returns>
    public string? PutIfMatch(string name, byte[] content, string version) =>
        _blobs.TryGetValue(name, out var blob) && blob.Version == version ? Put(name, content, intact: true) : null;

    public void Delete(string name) => _blobs.Remove(name);

    public string[] List(string prefix) => [.. _blobs.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];

    private string Put(string name, byte[] content, bool intact)
    {
        var version = (++_version).ToString(System.Globalization.CultureInfo.InvariantCulture);
        _blobs[name] = new Blob(content, version, intact);
        if (intact && name.EndsWith("/checkpoint", StringComparison.Ordinal)) Published.Add(content);
        if (intact && name.EndsWith("/head", StringComparison.Ordinal)) Heads.Add(content);
        return version;
    }

    internal sealed record Blob(byte[] Content, string Version, bool Intact);
}

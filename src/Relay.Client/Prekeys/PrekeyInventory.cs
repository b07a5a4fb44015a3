using System.Globalization;
using Relay.Protocol.Ledger;

namespace Relay.Client.Prekeys;

/// <summary>
/// What a key store's folder shows without its secret, also while another process has it open: which bundle was signed last, and how many
/// of its private keys are still there. Immutable.
/// </summary>
/// <param name="Newest">The bundle that was signed last; null when none was.</param>
/// <param name="OneTimeKeys">Private one-time keys of that bundle in the folder.</param>
/// <param name="HasSessionKey">True when its private session key is there.</param>
public sealed record PrekeyInventory(PrekeyBundle? Newest, int OneTimeKeys, bool HasSessionKey)
{
    private const string Before = "bundle-";

    /// <summary>Reads it; a folder that is not there has nothing.</summary>
    /// <param name="folder">The store's.</param>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="delegation">Whose keys.</param>
    /// <exception cref="PrekeyStoreException">The newest bundle is damaged, or another's.</exception>
    public static PrekeyInventory Read(string folder, string negotiation, string delegation)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var number = Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, $"{Before}*.jws").Select(NumberOf).DefaultIfEmpty().Max()
            : 0;
        if (number == 0) return new PrekeyInventory(null, 0, false);
        var name = string.Create(CultureInfo.InvariantCulture, $"{Before}{number}.jws");
        if (!PrekeyBundle.TryParse(SealedFile.Read(Path.Combine(folder, name)) ?? [], out var bundle, out _, out _)
            || (bundle.Negotiation, bundle.Delegation, bundle.Number) != (negotiation, delegation, number))
        {
            throw new PrekeyStoreException(
                $"expected bundle {number} of {delegation} in {negotiation} in '{name}', got something else: restore it");
        }
        bool IsHere(string? keyId) => keyId is not null && File.Exists(Path.Combine(folder, PrekeyStore.NameOf(keyId)));
        return new PrekeyInventory(bundle, bundle.OneTime.Count(key => IsHere(key.KeyId)), IsHere(bundle.Session.KeyId));
    }

    private static long NumberOf(string path) =>
        long.TryParse(
            Path.GetFileNameWithoutExtension(path).AsSpan(Before.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;
}

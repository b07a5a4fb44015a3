using System.Globalization;
using System.Text.RegularExpressions;
using Relay.Client.Files;

namespace Relay.Local;

/// <summary>
/// The port of a state folder's vault. Keys are named by their vault's address in documents,
/// envelopes and the ledger's certificates, so the address is part of the state: at another port
/// every signature would be a stranger's, and the ledger unreadable.
/// </summary>
public static partial class VaultPort
{
    /// <summary>The port when nothing else is asked for: 8443.</summary>
    public const int Default = 8443;

    /// <summary>The port that the state folder's vault has had; null when it has had none yet.</summary>
    /// <exception cref="InvalidDataException">What is kept is no port, or
    /// documents of several ports are there and none is kept.</exception>
    public static int? FindKept(string stateFolder)
    {
        var path = PathOf(stateFolder);
        if (!File.Exists(path)) return FindInDocuments(stateFolder);
        var text = File.ReadAllText(path).Trim();
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
            ? port
            : throw new InvalidDataException(
                $"{path} is no port: expected the one in the keys' addresses of {LocalDirectory.Folder(stateFolder)}.");
    }

    /// <summary>Which port to listen on.</summary>
    /// <param name="stateFolder">The state folder.</param>
    /// <param name="asked">The port asked for; 0 for any, null for the usual one.</param>
    /// <exception cref="InvalidDataException">Another port than the folder's is asked for.</exception>
    internal static int Choose(string stateFolder, int? asked)
    {
        if (FindKept(stateFolder) is not { } kept) return asked ?? Default;
        return asked is null or 0 || asked == kept
            ? kept
            : throw new InvalidDataException(
                $"The vault of {stateFolder} is at port {kept}, which its documents, envelopes and ledger name, not at {asked}: "
                    + "keep that port, or take another state folder.");
    }

    internal static void Keep(string stateFolder, Uri vault) =>
        PrivateFile.Write(PathOf(stateFolder), System.Text.Encoding.ASCII.GetBytes(vault.Port.ToString(CultureInfo.InvariantCulture)));

    // A folder of before the port was kept says it in its documents.
    private static int? FindInDocuments(string stateFolder)
    {
        var folder = LocalDirectory.Folder(stateFolder);
        if (!Directory.Exists(folder)) return null;
        var ports = Directory.EnumerateFiles(folder, "*.json")
            .SelectMany(path => LocalKey().Matches(File.ReadAllText(path)))
            .Select(match => match.Groups[1].Value)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return ports switch
        {
            [] => null,
            [var only] => int.Parse(only, CultureInfo.InvariantCulture),
            _ =>
                throw new InvalidDataException(
                    $"The documents of {folder} name keys of several local vaults, ports {string.Join(", ", ports)}: write the "
                        + $"right one into {PathOf(stateFolder)}."),
        };
    }

    private static string PathOf(string stateFolder) => Path.Combine(stateFolder, "vault-port");

    [GeneratedRegex("\"https://localhost:([1-9][0-9]{0,4})/keys/[^\"/]+\"", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LocalKey();
}

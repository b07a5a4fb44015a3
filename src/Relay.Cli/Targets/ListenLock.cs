using System.Globalization;
using Relay.Local;

namespace Relay.Cli.Targets;

/// <summary>
/// Held by whoever receives as a delegation with a state folder: two of them
/// would share its messages, and each put back what the other has kept.
/// </summary>
internal static class ListenLock
{
    /// <summary>Takes it; the caller disposes it.</summary>
    /// <exception cref="CliFault">Another process listens.</exception>
    public static ProcessLock Take(string stateFolder, string delegation)
    {
        if (TryTake(stateFolder, delegation, out var holder) is { } taken) return taken;
        var process = holder is { } number ? $" (process {number.ToString(CultureInfo.InvariantCulture)})" : "";
        throw new CliFault(
            $"Another 'relay listen {delegation}' runs on {stateFolder}{process}.",
            "Two would share what comes between them: use that one, or stop it with Ctrl-C in its shell.");
    }

    /// <returns>Null when another process has it.</returns>
    public static ProcessLock? TryTake(string stateFolder, string delegation, out int? holder)
    {
        var folder = Path.Combine(stateFolder, "delegations", delegation);
        Directory.CreateDirectory(folder);
        return ProcessLock.TryTake(Path.Combine(folder, "listen.lock"), out var taken, out holder) ? taken : null;
    }
}

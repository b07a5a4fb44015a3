using Relay.Client.Delegations;
using Relay.Client.Files;
using Relay.Client.Ledger;

namespace Relay.Cli.Targets;

/// <summary>
/// What a delegation keeps of one negotiation beside its keys: the checkpoints it has
/// seen and where each stream stands, and a line for every envelope that arrived.
/// </summary>
internal sealed class InboxFile
{
    // Held while files are written: arrivals and the receipts of acknowledgements come side by side.
    private readonly Lock _gate = new();
    private readonly string _statePath;
    private readonly string _arrivalsPath;

    private InboxFile(string statePath, string arrivalsPath, InboxState state)
    {
        _statePath = statePath;
        _arrivalsPath = arrivalsPath;
        State = state;
    }

    public InboxState State { get; }

    /// <summary>The checkpoints that a delegation has seen; null when it has kept none.</summary>
    /// <exception cref="CliFault">They are there and cannot be read, or are of another relay.</exception>
    public static LedgerView? View(string stateFolder, string delegation, string negotiation, string origin)
    {
        var path = PathOf(stateFolder, delegation, negotiation);
        if (!File.Exists(path)) return null;
        return InboxState.TryParse(File.ReadAllBytes(path), origin, out var state)
            ? state.View
            : throw new CliFault(
                $"{path} does not say what has been seen of {origin}.",
                "Name the relay with --relay-name; if that is its name, restore the file from a copy.");
    }

    /// <exception cref="CliFault">It is there and cannot be read: to begin anew
    /// would forget what protects from a relay that goes back.</exception>
    public static InboxFile Read(string stateFolder, string delegation, string negotiation, string origin)
    {
        var path = PathOf(stateFolder, delegation, negotiation);
        PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
        var state = InboxState.Create(origin);
        if (File.Exists(path) && !InboxState.TryParse(File.ReadAllBytes(path), origin, out state!))
        {
            throw new CliFault(
                $"{path} does not say what has been seen of {origin}.",
                "Restore it from a copy; delete it only if forgetting what the relay has shown so far is what you want.");
        }

        return new InboxFile(path, Path.ChangeExtension(path, ".arrived"), state);
    }

    /// <summary>Every envelope that arrived with a receipt.</summary>
    /// <exception cref="CliFault">A line of the file is none.</exception>
    public IReadOnlyList<ArrivalRecord> Arrivals()
    {
        if (!File.Exists(_arrivalsPath)) return [];
        var records = new List<ArrivalRecord>();
        foreach (var line in File.ReadLines(_arrivalsPath))
        {
            if (ArrivalRecord.TryParse(line, out var record)) records.Add(record);
            // A kill may cut the last line; its envelope was not completed and comes again.
            else if (line.Length > 0 && File.ReadLines(_arrivalsPath).Last() != line)
            {
                throw new CliFault(
                    $"{_arrivalsPath} has a line that is no arrival: {line[..Math.Min(line.Length, 60)]}", "Restore the file from a copy.");
            }
        }

        return records;
    }

    /// <summary>Notes an arrival and keeps the state; on disk before it returns.</summary>
    public void Save(ArrivalRecord? arrival)
    {
        lock (_gate)
        {
            if (arrival is not null) PrivateFile.Append(_arrivalsPath, System.Text.Encoding.ASCII.GetBytes($"\n{arrival}\n"));
            PrivateFile.Write(_statePath, State.ToBytes());
        }
    }

    private static string PathOf(string stateFolder, string delegation, string negotiation) =>
        Path.Combine(stateFolder, "delegations", delegation, "inbox", $"{negotiation}.json");
}

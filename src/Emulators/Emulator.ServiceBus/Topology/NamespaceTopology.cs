namespace Emulator.ServiceBus.Topology;

/// <summary>The entities of one namespace: built in code, or read from the official emulator's Config.json.</summary>
public sealed record NamespaceTopology
{
    /// <summary>Name for reports; clients never see it. Default as the official emulator's.</summary>
    public string Name { get; init; } = "sbemulatorns";

    /// <summary>Queues in declared order.</summary>
    public IReadOnlyList<QueueSettings> Queues { get; init; } = [];

    /// <summary>Topics in declared order.</summary>
    public IReadOnlyList<TopicSettings> Topics { get; init; } = [];

    /// <summary>Reads the official emulator's Config.json: UTF-8, comments and trailing commas allowed.</summary>
    /// <param name="configJson">The whole document.</param>
    /// <param name="topology">The topology, complete and valid; empty when false is returned.</param>
    /// <param name="error">Empty on success; else one line per fault: JSON path, what was expected, what came.</param>
    /// <returns>False when the document is not JSON, not of that shape, or asks for what is not supported.</returns>
    public static bool TryParse(ReadOnlySpan<byte> configJson, out NamespaceTopology topology, out string error) =>
        new ConfigJsonReader().TryRead(configJson, out topology, out error);

    /// <summary>Checks as <see cref="Validate"/> does, and that what entities forward to is declared.</summary>
    internal IReadOnlyList<string> ValidateWhole()
    {
        var faults = new List<string>(Validate());
        new TopologyValidator(faults, "", "").CheckDestinations(this);
        return faults;
    }

    /// <summary>Checks names, ranges and support.</summary>
    /// <returns>One line per fault, empty when the topology can be started.</returns>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        new TopologyValidator(faults, "", "").Check(this);
        return faults;
    }
}

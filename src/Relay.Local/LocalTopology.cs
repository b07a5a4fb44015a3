using System.Text;
using Emulator.ServiceBus.Topology;
using Relay.Local.Topology;

namespace Relay.Local;

/// <summary>The entities of a local stack: those of <c>infra/topology.json</c>, which is built into this assembly.</summary>
public static class LocalTopology
{
    private const string Resource = "topology.json";

    /// <summary>The repository's topology, as it was when this was built.</summary>
    public static RelayTopology Default { get; } = Read();

    /// <summary>The Service Bus entities of a topology, every setting as in the cloud.</summary>
    /// <exception cref="ArgumentException">The emulator cannot have such entities; the message says which and why.</exception>
    public static NamespaceTopology Create(RelayTopology topology)
    {
        ArgumentNullException.ThrowIfNull(topology);
        var config = topology.ToEmulatorConfig(EmulatorLimits.Cloud);
        return NamespaceTopology.TryParse(Encoding.UTF8.GetBytes(config.Json), out var entities, out var error)
            ? entities
            : throw new ArgumentException($"The emulator refuses the topology: {error}", nameof(topology));
    }

    private static RelayTopology Read()
    {
        using var resource = typeof(LocalTopology).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not built into {typeof(LocalTopology).Assembly.GetName().Name}.");
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return RelayTopology.TryParse(bytes.ToArray(), out var topology, out var error)
            ? topology
            : throw new InvalidDataException($"{Resource}: {error}");
    }
}

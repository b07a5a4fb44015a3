using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Relay.Local.Topology;

/// <summary>
/// Every entity the relay uses, as <c>infra/topology.json</c> names it: read by the Bicep files, the local stack and the generator of
/// the official emulator's Config.json. Holds settings only, no connection.
/// </summary>
public sealed record RelayTopology
{
    /// <summary>Inbound queues, one per lane.</summary>
    public required IReadOnlyList<QueueEntity> Queues { get; init; }

    /// <summary>Topics that are not one delegation's; see <see cref="AllTopics"/>.</summary>
    public required IReadOnlyList<TopicEntity> Topics { get; init; }

    /// <summary>What each delegation's topic looks like.</summary>
    public required DelegationTopicTemplate DelegationTopic { get; init; }

    /// <summary>Labels of the delegations, distinct.</summary>
    public required IReadOnlyList<string> Delegations { get; init; }

    /// <summary>Mediators, distinct by name.</summary>
    public required IReadOnlyList<MediatorEntry> Mediators { get; init; }

    /// <summary>
    /// Weight that an envelope's signatures must reach in negotiations that the local stack makes; 1 to the total weight.
    /// </summary>
    public required int Quorum { get; init; }

    /// <summary>Blob containers.</summary>
    public required IReadOnlyList<ContainerEntity> Containers { get; init; }

    /// <summary>The relay's own keys; see <see cref="AllKeys"/>.</summary>
    public required IReadOnlyList<KeyEntity> Keys { get; init; }

    /// <summary>What each mediator's key looks like.</summary>
    public required MediatorKeyTemplate MediatorKey { get; init; }

    /// <summary><see cref="Topics"/>, then one topic per delegation.</summary>
    public IEnumerable<TopicEntity> AllTopics => Topics.Concat(Delegations.Select(DelegationTopic.For));

    /// <summary><see cref="Keys"/>, then one key per mediator.</summary>
    public IEnumerable<KeyEntity> AllKeys => Keys.Concat(Mediators.Select(MediatorKey.For));

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is not a topology; the message names the file and every mistake.</exception>
    public static RelayTopology Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return TryParse(File.ReadAllBytes(path), out var topology, out var error)
            ? topology
            : throw new InvalidDataException($"{path}: {error}");
    }

    /// <summary>Reads JSON, UTF-8. Unknown and duplicate members are refused.</summary>
    /// <param name="error">Every mistake, separated by "; "; empty when true is returned.</param>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out RelayTopology? topology, out string error)
    {
        topology = null;
        try
        {
            var read = JsonSerializer.Deserialize(json, TopologyJson.Default.RelayTopology);
            var mistakes = read is null ? ["expected an object, got null"] : TopologyRules.Check(read);
            error = string.Join("; ", mistakes);
            topology = mistakes.Count == 0 ? read : null;
        }
        catch (JsonException exception)
        {
            error = exception.Message;
        }

        return topology is not null;
    }

    /// <summary>Makes an emulator's Config.json.</summary>
    public EmulatorConfig ToEmulatorConfig(EmulatorLimits limits) => EmulatorConfigWriter.Write(this, limits);

    /// <summary>Makes the official emulator's Config.json, every setting clamped to what that emulator takes.</summary>
    public string ToEmulatorConfigJson() => ToEmulatorConfig(EmulatorLimits.Official).Json;
}

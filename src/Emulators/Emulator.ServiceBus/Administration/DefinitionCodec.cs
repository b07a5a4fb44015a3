using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Administration;

/// <summary>
/// Definitions in the form of the administration surface: one <c>Definition</c>
/// around the entity's description and, for a subscription, its rules.
/// </summary>
internal sealed class DefinitionCodec : IDefinitionCodec
{
    private const string Root = "Definition";

    // Our own writing: a subscription may have any number of rules.
    private const int Unlimited = 0;

    public static DefinitionCodec Instance { get; } = new();

    public byte[] Encode(EntityDefinition definition)
    {
        var root = new XElement(
            Root,
            new XAttribute("Kind", definition.Kind),
            new XAttribute("CreatedAt", DescriptionWriter.Time(definition.CreatedAt)),
            new XAttribute("UpdatedAt", DescriptionWriter.Time(definition.UpdatedAt)),
            definition.Declared is { } declared ? new XAttribute("Declared", declared) : null,
            Describe(definition));
        return XmlBytes.Of(root);
    }

    public EntityDefinition Decode(string path, ReadOnlySpan<byte> bytes)
    {
        var faults = new List<string>();
        var root = DescriptionReader.Parse(bytes.ToArray(), out var error, maxCharacters: Unlimited);
        if (root is null || root.Name != Root
            || !Enum.TryParse<EntityKind>(root.Attribute("Kind")?.Value, out var kind)
            || !TryTime(root, "CreatedAt", out var created) || !TryTime(root, "UpdatedAt", out var updated))
        {
            throw new InvalidDataException($"the definition of '{path}' cannot be read {error}");
        }

        EntityPath.TrySplitSubscription(path, out _, out var name);
        var definition = new EntityDefinition(path, kind, root.Attribute("Declared")?.Value, created, updated);
        var descriptions = root.Elements().ToList();
        if (descriptions.Count > 0)
        {
            var reader = new DescriptionReader(descriptions[0], faults);
            definition = kind switch
            {
                EntityKind.Queue => definition with { Queue = QueueXml.Read(path, reader) },
                EntityKind.Topic => definition with { Topic = TopicXml.Read(path, reader) },
                EntityKind.Subscription => definition with
                {
                    Subscription = SubscriptionXml.Read(name, reader) with
                    {
                        Rules = [.. descriptions.Skip(1).Select(rule => RuleXml.Read("", rule, faults))],
                    },
                },
            };
        }

        if (kind == EntityKind.Subscription && name.Length == 0) faults.Add("expected the path of a subscription");
        foreach (var rule in definition.Subscription?.Rules ?? [])
        {
            if (!Rules.Rule.TryCompile(rule, out _, out var fault)) faults.Add($"rule '{rule.Name}': {fault}");
        }

        return faults.Count == 0
            ? definition
            : throw new InvalidDataException($"the definition of '{path}' cannot be read: {string.Join("; ", faults)}");
    }

    public string Fingerprint(EntityDefinition definition) =>
        Convert.ToHexStringLower(
            SHA256.HashData(
                Encoding.UTF8.GetBytes(string.Concat(Describe(definition).Select(part => part.ToString(SaveOptions.DisableFormatting))))));

    private static IEnumerable<XElement> Describe(EntityDefinition definition)
    {
        if (definition.Queue is { } queue) return [QueueXml.Write(queue, null, static path => path)];
        if (definition.Topic is { } topic) return [TopicXml.Write(topic, null)];
        if (definition.Subscription is not { } subscription) return [];
        return
        [
            SubscriptionXml.Write(subscription, null, static path => path),
            .. subscription.Rules.Select(rule => RuleXml.Write(rule, rule.CreatedAt)),
        ];
    }

    private static bool TryTime(XElement element, string name, out DateTimeOffset time) => DateTimeOffset.TryParse(
        element.Attribute(name)?.Value,
        CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
        out time);
}

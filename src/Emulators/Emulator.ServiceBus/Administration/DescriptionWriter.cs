using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Administration;

/// <summary>Writes the elements of a description in schema order, in the forms that both official clients read.</summary>
/// <param name="name">Such as <c>QueueDescription</c>.</param>
internal sealed class DescriptionWriter(string name)
{
    public XElement Element { get; } = new(
        AtomNames.ServiceBus + name, new XAttribute(XNamespace.Xmlns + "i", AtomNames.Instance.NamespaceName));

    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    public DescriptionWriter Add(string child, string value)
    {
        Element.Add(new XElement(AtomNames.ServiceBus + child, value));
        return this;
    }

    public DescriptionWriter AddIf(string child, string? value) => string.IsNullOrEmpty(value) ? this : Add(child, value);

    public DescriptionWriter Add(string child, bool value) => Add(child, value ? "true" : "false");

    public DescriptionWriter Add(string child, long value) => Add(child, value.ToString(CultureInfo.InvariantCulture));

    public DescriptionWriter Add(string child, TimeSpan value) => Add(child, XmlConvert.ToString(value));

    public DescriptionWriter Add(string child, DateTimeOffset value) => Add(child, Time(value));

    /// <summary>Authorization rules as the client wrote them, or none.</summary>
    public DescriptionWriter AddRules(EntityExtras extras)
    {
        Element.Add(
            extras.AuthorizationRules is { } rules ? XElement.Parse(rules) : new XElement(AtomNames.ServiceBus + "AuthorizationRules", ""));
        return this;
    }

    /// <summary>JS wants exactly one attribute on it, the declaration of its children's prefix.</summary>
    public DescriptionWriter Add(EntityFigures figures)
    {
        Element.Add(new XElement(
            AtomNames.ServiceBus + "CountDetails",
            new XAttribute(XNamespace.Xmlns + "d3p1", AtomNames.Counts.NamespaceName),
            new XElement(AtomNames.Counts + "ActiveMessageCount", figures.Active),
            new XElement(AtomNames.Counts + "DeadLetterMessageCount", figures.DeadLettered),
            new XElement(AtomNames.Counts + "ScheduledMessageCount", figures.Scheduled),
            new XElement(AtomNames.Counts + "TransferMessageCount", 0),
            new XElement(AtomNames.Counts + "TransferDeadLetterMessageCount", figures.TransferDeadLettered)));
        return this;
    }
}

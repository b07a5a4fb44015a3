using System.Globalization;
using System.Xml.Linq;

namespace Emulator.ServiceBus.Administration;

/// <summary>An answer, complete.</summary>
internal sealed record AdminReply(int Status, string ContentType, byte[] Body)
{
    private const string Entry = "application/atom+xml;type=entry;charset=utf-8";
    private const string Feed = "application/atom+xml;type=feed;charset=utf-8";

    public static AdminReply Empty { get; } = new(200, Entry, []);

    public static AdminReply OfEntry(int status, XElement entry) => new(status, Entry, XmlBytes.Of(entry));

    public static AdminReply OfFeed(XElement feed) => new(200, Feed, XmlBytes.Of(feed));

    public static AdminReply Of(AdminFault fault, Guid tracking, DateTimeOffset now) =>
        new(fault.Status, "application/xml; charset=utf-8", XmlBytes.Of(new XElement(
        "Error",
        new XElement("Code", fault.Status),
        new XElement("Detail", string.Create(
            CultureInfo.InvariantCulture,
            $"{fault.Detail} SubCode={fault.SubCode}. TrackingId:{tracking}, SystemTracker:relay, "
                + $"Timestamp:{now:yyyy-MM-dd'T'HH:mm:ss}")))));
}

using System.Globalization;
using System.Xml.Linq;

namespace Emulator.ServiceBus.Administration;

/// <summary>
/// Entries and feeds as both official clients read them: JS takes names from the id's path, .NET from the title.
/// </summary>
/// <param name="root">Scheme and authority the client used, without a slash at the end.</param>
/// <param name="version">The client's api-version.</param>
/// <param name="author">Name of the namespace.</param>
/// <param name="now">For what has no time of its own.</param>
internal sealed class AtomDocuments(string root, string version, string author, DateTimeOffset now)
{
    /// <summary>A forwarding target as a URL.</summary>
    public string? Address(string? path) => path is null ? null : $"{root}/{path}";

    public XElement Entry(string path, string title, XElement description, DateTimeOffset created, DateTimeOffset updated)
    {
        var id = Url(path);
        return new XElement(
            AtomNames.Atom + "entry",
            new XElement(AtomNames.Atom + "id", id),
            Text("title", title),
            new XElement(AtomNames.Atom + "published", Time(created)),
            new XElement(AtomNames.Atom + "updated", Time(updated)),
            new XElement(AtomNames.Atom + "author", new XElement(AtomNames.Atom + "name", author)),
            Link("self", id),
            new XElement(AtomNames.Atom + "content", new XAttribute("type", "application/xml"), description));
    }

    /// <param name="path">Such as <c>$Resources/queues</c>.</param>
    /// <param name="title">Such as <c>Queues</c>.</param>
    /// <param name="entries">Of this page.</param>
    /// <param name="skip">Where the page begins.</param>
    /// <param name="top">What was asked for.</param>
    /// <param name="hasMore">JS turns to the next page only where a link of that name is.</param>
    public XElement Feed(string path, string title, IReadOnlyCollection<XElement> entries, int skip, int top, bool hasMore) => new(
        AtomNames.Atom + "feed",
        Text("title", title),
        new XElement(AtomNames.Atom + "id", Url(path)),
        new XElement(AtomNames.Atom + "updated", Time(now)),
        Link("self", Page(path, skip, top)),
        hasMore ? Link("next", Page(path, skip + entries.Count, top)) : null,
        entries);

    private static XElement Text(string name, string value) => new(AtomNames.Atom + name, new XAttribute("type", "text"), value);

    private static XElement Link(string relation, string address) =>
        new(AtomNames.Atom + "link", new XAttribute("rel", relation), new XAttribute("href", address));

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private string Url(string path) => $"{root}/{path}?api-version={version}";

    private string Page(string path, int skip, int top) =>
        string.Create(CultureInfo.InvariantCulture, $"{Url(path)}&$skip={skip}&$top={top}");
}

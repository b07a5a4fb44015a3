using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Emulator.ServiceBus.Administration;

/// <summary>
/// Reads the children of one description by local name, in any order: clients differ in order and prefixes. Absent, empty and nil elements
/// give the value they are asked with; each value that cannot be read is a fault.
/// </summary>
internal sealed class DescriptionReader
{
    private const int MaxBytes = 1024 * 1024;
    private const int MaxDepth = 32;

    // Unlimited as the cloud writes it, and as clients send it back.
    private static readonly TimeSpan Unlimited = TimeSpan.MaxValue;

    private readonly Dictionary<string, XElement> _children = new(StringComparer.Ordinal);

    public DescriptionReader(XElement description, List<string> faults)
    {
        Faults = faults;
        foreach (var child in description.Elements())
        {
            _children[child.Name.LocalName] = child;
        }
    }

    /// <summary>One line per value that could not be read.</summary>
    public List<string> Faults { get; }

    /// <summary>Reads a document that a peer wrote: no DTD, no entities of its own, nothing fetched, bounded in size and depth.</summary>
    /// <returns>The root, or null when it is no such document.</returns>
    public static XElement? Parse(ReadOnlyMemory<byte> xml, out string error, int maxCharacters = MaxBytes)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            MaxCharactersInDocument = maxCharacters,
        };
        error = "";
        try
        {
            using (var depths = XmlReader.Create(new MemoryStream(xml.ToArray(), writable: false), settings))
            {
                while (depths.Read())
                {
                    if (depths.Depth > MaxDepth) throw new XmlException($"elements are nested deeper than {MaxDepth}");
                }
            }

            using var reader = XmlReader.Create(new MemoryStream(xml.ToArray(), writable: false), settings);
            return XElement.Load(reader, LoadOptions.PreserveWhitespace);
        }
        catch (XmlException exception)
        {
            error = exception.Message;
            return null;
        }
    }

    public XElement? Element(string name) => _children.GetValueOrDefault(name);

    /// <summary>The text as it stands, spaces and all; null when there is none.</summary>
    public string? Text(string name) =>
        Element(name) is { HasElements: false, Value: { Length: > 0 } text } element
            && element.Attribute(AtomNames.Instance + "nil")?.Value != "true"
            ? text
            : null;

    public TimeSpan Duration(string name, TimeSpan absent)
    {
        if (Value(name) is not { } text) return absent;
        try
        {
            return XmlConvert.ToTimeSpan(text);
        }
        catch (OverflowException)
        {
            return Unlimited;
        }
        catch (FormatException)
        {
            return Fault(name, "an ISO 8601 duration such as PT1M", text, absent);
        }
    }

    public bool Boolean(string name, bool absent) => Value(name) switch
    {
        null => absent,
        "true" or "True" or "1" => true,
        "false" or "False" or "0" => false,
        { } text => Fault(name, "true or false", text, absent),
    };

    public int Integer(string name, int absent) => (int)Math.Clamp(Long(name, absent) ?? absent, int.MinValue, int.MaxValue);

    public long? Long(string name, long? absent)
    {
        if (Value(name) is not { } text) return absent;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : Fault(name, "a whole number", text, absent);
    }

    public T Choice<T>(string name, T absent)
        where T : struct, Enum
    {
        if (Value(name) is not { } text) return absent;
        return Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0])
            ? value
            : Fault(name, string.Join(", ", Enum.GetNames<T>()), text, absent);
    }

    private string? Value(string name) => Text(name)?.Trim() is { Length: > 0 } value ? value : null;

    private T Fault<T>(string name, string expected, string came, T absent)
    {
        Faults.Add($"{name}: expected {expected}, got \"{came}\"");
        return absent;
    }
}

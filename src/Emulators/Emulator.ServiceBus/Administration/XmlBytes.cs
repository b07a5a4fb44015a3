using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Emulator.ServiceBus.Administration;

/// <summary>Documents as UTF-8, without a declaration; line breaks in texts come back as they were.</summary>
internal static class XmlBytes
{
    private static readonly XmlWriterSettings Settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        OmitXmlDeclaration = true,
        CheckCharacters = false,
        NewLineHandling = NewLineHandling.Entitize,
    };

    public static byte[] Of(XElement element)
    {
        var buffer = new MemoryStream();
        using (var writer = XmlWriter.Create(buffer, Settings))
        {
            element.Save(writer);
        }

        return buffer.ToArray();
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Xml;
using System.Xml.Linq;
using Azure.Core;

namespace Azure.Storage.Blobs;

/// <summary>Reads the service's XML errors; the header alone where there is no body, as in the answer to HEAD.</summary>
internal sealed class StorageErrorParser : RequestFailedDetailsParser
{
    public override bool TryParse(Response response, [NotNullWhen(true)] out ResponseError? error, out IDictionary<string, string>? data)
    {
        data = null;
        error = null;
        response.Headers.TryGetValue("x-ms-error-code", out var code);
        string? message = null;
        if (response.ContentStream is { CanSeek: true, Length: > 0 } body)
        {
            try
            {
                body.Position = 0;
                using var reader = XmlReader.Create(body, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, CloseInput = false });
                var root = XElement.Load(reader);
                code ??= root.Element("Code")?.Value;
                message = root.Element("Message")?.Value;
            }
            catch (XmlException)
            {
                // Not from the service itself but from something before it: the status says what there is to say.
            }
            finally
            {
                body.Position = 0;
            }
        }

        if (code is null && message is null) return false;
        error = new ResponseError(code, message ?? response.ReasonPhrase);
        return true;
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;

namespace Relay.Protocol.Text;

/// <summary>
/// Writer settings for everything that travels: no white space and no escape
/// that RFC 8259 does not ask for (the default writes '+' as six characters).
/// </summary>
internal static class PlainJson
{
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

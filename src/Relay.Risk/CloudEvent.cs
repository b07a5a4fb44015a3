using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Protocol.Text;

namespace Relay.Risk;

/// <summary>
/// An event about a negotiation: <c>specversion</c> 1.0, <c>source</c> the ledger's origin, <c>subject</c> the negotiation. The same data
/// are the same bytes.
/// </summary>
/// <remarks>CloudEvents 1.0.2, and its JSON event format. Numbers have nine significant digits, times are RFC 3339 in UTC.</remarks>
internal static class CloudEvent
{
    /// <summary>Media type of events.</summary>
    public const string MediaType = "application/cloudevents+json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters =
        {
            new NineDigits(),
            new Instant(),
            new DigestText(),
            new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false),
        },
    };

    /// <summary>The event, UTF-8.</summary>
    public static byte[] Write<TData>(string relay, string negotiation, string type, string id, DateTimeOffset time, TData data)
    {
        var source = $"/{Uri.EscapeDataString(relay)}/{negotiation}";
        return JsonSerializer.SerializeToUtf8Bytes(
            new Members<TData>("1.0", id, source, type, negotiation, time, "application/json", data), Options);
    }

    private sealed record Members<TData>(
        string Specversion,
        string Id,
        string Source,
        string Type,
        string Subject,
        DateTimeOffset Time,
        string Datacontenttype,
        TData Data);

    // The last digits of a logarithm are not the same on every machine.
    private sealed class NineDigits : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(double.Parse(value.ToString("G9", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
    }

    private sealed class Instant : JsonConverter<DateTimeOffset>
    {
        private const string Format = "yyyy-MM-ddTHH:mm:ss.fffZ";

        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
    }

    private sealed class DigestText : JsonConverter<Digest>
    {
        public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Digest.TryParse(reader.GetString(), out var digest)
                ? digest
                : throw new JsonException("Expected a digest of 43 base64url characters.");

        public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Protocol.Text;
using Relay.Risk.Results;

namespace Relay.Risk;

/// <summary>
/// Signals as a CloudEvent: <c>specversion</c> 1.0, <c>type</c> <see cref="Type"/>, <c>source</c> the ledger's origin, <c>subject</c> the
/// negotiation,
/// <c>id</c> the size of the ledger with the window, <c>data</c> the signals. The same signals are the same bytes.
/// </summary>
/// <remarks>CloudEvents 1.0.2, and its JSON event format. Numbers have nine significant digits, times are RFC 3339 in UTC.</remarks>
public static class SignalEvent
{
    /// <summary><c>type</c>.</summary>
    public const string Type = "relay.signals.v1";

    /// <summary>Media type of the event.</summary>
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
    /// <param name="signals">What it is about.</param>
    /// <param name="relay">Name of the relay, with which the ledger's origin begins.</param>
    public static byte[] Write(NegotiationSignals signals, string relay)
    {
        ArgumentNullException.ThrowIfNull(signals);
        ArgumentNullException.ThrowIfNull(relay);
        var (since, until) = (signals.Since.ToUnixTimeMilliseconds(), signals.Until.ToUnixTimeMilliseconds());
        var id = string.Create(CultureInfo.InvariantCulture, $"{signals.Ledger.Size}-{since}-{until}");
        var source = $"/{Uri.EscapeDataString(relay)}/{signals.Negotiation}";
        return JsonSerializer.SerializeToUtf8Bytes(
            new CloudEvent("1.0", id, source, Type, signals.Negotiation, signals.Until, "application/json", signals), Options);
    }

    private sealed record CloudEvent(
        string Specversion,
        string Id,
        string Source,
        string Type,
        string Subject,
        DateTimeOffset Time,
        string Datacontenttype,
        NegotiationSignals Data);

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

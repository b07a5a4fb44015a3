using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Forecasts;

/// <summary>One forecast, as it is written down before the outcome. Immutable; its bytes are what counts.</summary>
public sealed record Forecast
{
    /// <summary>Longest forecast in bytes: 16 KiB.</summary>
    public const int MaxBytes = 16 * 1024;

    private const string Kind = "relay/forecast/v1";

    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

    /// <summary>Name of the negotiation.</summary>
    public required string Negotiation { get; init; }

    /// <summary>The question.</summary>
    public required ForecastQuestion Question { get; init; }

    /// <summary>When it was made, whole seconds; the answer is known after the question's horizon.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Probability of yes, 0 to 1.</summary>
    public required double Probability { get; init; }

    /// <summary>Size of the ledger that it was made from.</summary>
    public required long Size { get; init; }

    /// <summary>Root of that ledger.</summary>
    public required Digest Root { get; init; }

    /// <summary>What each driver added to the logarithm of the odds, in the order of <see cref="ForecastDrivers.Names"/>.</summary>
    public required ImmutableArray<double> Contributions { get; init; }

    /// <summary>When the answer is known.</summary>
    public DateTimeOffset DueAt => At + Question.Horizon();

    /// <summary>JSON, UTF-8; the same forecast is the same bytes.</summary>
    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, Kind);
            json.WriteString("negotiation"u8, Negotiation);
            json.WriteString("question"u8, Question.ToText());
            json.WriteNumber("at"u8, At.ToUnixTimeSeconds());
            json.WriteNumber("due"u8, DueAt.ToUnixTimeSeconds());
            WriteNumber(json, "probability", Probability);
            json.WriteNumber("size"u8, Size);
            json.WriteString("root"u8, Root.ToString());
            json.WriteStartObject("contributions"u8);
            for (var i = 0; i < Contributions.Length; i++) WriteNumber(json, ForecastDrivers.Names[i], Contributions[i]);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    /// <summary>Reads one. Never throws on bad input.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote.</param>
    /// <param name="forecast">Null when false.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Forecast? forecast)
    {
        forecast = null;
        if (bytes.Length > MaxBytes) return false;
        try
        {
            using var json = JsonDocument.Parse(bytes.ToArray());
            var root = json.RootElement;
            var read = new Forecast
            {
                Negotiation = root.GetProperty("negotiation").GetString() ?? "",
                Question = Questions.All.First(question => question.ToText() == root.GetProperty("question").GetString()),
                At = DateTimeOffset.FromUnixTimeSeconds(root.GetProperty("at").GetInt64()),
                Probability = root.GetProperty("probability").GetDouble(),
                Size = root.GetProperty("size").GetInt64(),
                Root = Digest.TryParse(root.GetProperty("root").GetString(), out var digest) ? digest : default,
                Contributions =
                [
                    .. ForecastDrivers.Names.Select(name => root.GetProperty("contributions").GetProperty(name).GetDouble()),
                ],
            };
            // Whatever else stands there, or stands there differently, was not written here.
            if (!bytes.SequenceEqual(read.ToBytes())) return false;
            forecast = read;
            return read.Probability is >= 0 and <= 1;
        }
        catch (Exception e) when (
            e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return false;
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value) =>
        json.WriteNumber(name, double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
}

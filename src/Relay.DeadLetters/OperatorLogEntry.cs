using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Protocol.Text;

namespace Relay.DeadLetters;

/// <summary>One entry of the operators' log: a line of JSON, in which the hash of the one before stands.</summary>
internal sealed record OperatorLogEntry
{
    /// <summary>Longest entry: 64 KiB.</summary>
    public const int MaxBytes = 65_536;

    /// <summary>From 0.</summary>
    public required long Index { get; init; }

    /// <summary>Hash of the entry before, base64url of SHA-256; empty in the first.</summary>
    public required string Previous { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Who, by the word of the machine on which it was typed.</summary>
    public required string By { get; init; }

    /// <summary>Host name of the namespace.</summary>
    public required string Bus { get; init; }

    public required OperatorAct Act { get; init; }

    /// <summary>Names one call of a command.</summary>
    public required string Run { get; init; }

    /// <summary>Which dead letters were meant; in entries that begin a run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Filter { get; init; }

    /// <summary>Why, in the operator's words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Because { get; init; }

    /// <summary>How many it is about.</summary>
    public required int Count { get; init; }

    /// <summary>Each dead letter as <see cref="OperatorLogItem"/> writes it; in batches.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Items { get; init; }

    /// <summary>The entry's bytes, which its hash is over.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, OperatorLogJson.Default.OperatorLogEntry);

    /// <summary>False for whatever this program does not write.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out OperatorLogEntry? entry)
    {
        entry = null;
        if (json.Length > MaxBytes) return false;
        try
        {
            entry = JsonSerializer.Deserialize(json, OperatorLogJson.Default.OperatorLogEntry);
            return entry is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>What the next entry names.</summary>
    public static Digest Hash(ReadOnlySpan<byte> json) => Digest.Of([.. "relay/operator-log/v1\n"u8, .. json]);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(OperatorLogEntry))]
internal sealed partial class OperatorLogJson : JsonSerializerContext;

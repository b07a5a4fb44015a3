using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.DeadLetters;

/// <summary>What an entry of the operators' log says was done, or is about to be.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperatorAct>))]
internal enum OperatorAct
{
    /// <summary>A redrive begins.</summary>
    [JsonStringEnumMemberName("redrive-begin")]
    RedriveBegin,

    /// <summary>These are put back next; that they were is said by whatever of the same run follows.</summary>
    [JsonStringEnumMemberName("redrive-batch")]
    RedriveBatch,

    /// <summary>A redrive has come to its end or was interrupted; all its batches are back.</summary>
    [JsonStringEnumMemberName("redrive-end")]
    RedriveEnd,

    /// <summary>Dropping begins, and why.</summary>
    [JsonStringEnumMemberName("drop-begin")]
    DropBegin,

    /// <summary>These are removed next, for good.</summary>
    [JsonStringEnumMemberName("drop-batch")]
    DropBatch,

    /// <summary>How many were removed.</summary>
    [JsonStringEnumMemberName("drop-end")]
    DropEnd,
}

/// <summary>Acts as the log spells them.</summary>
internal static class OperatorActText
{
    public static string ToText(this OperatorAct act) =>
        JsonSerializer.SerializeToElement(act, OperatorLogJson.Default.OperatorAct).GetString()!;
}

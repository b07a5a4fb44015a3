using System.Text.Json.Serialization;

namespace Relay.DeadLetters;

/// <summary>What subscribers of <c>signals</c> are told of an act of an operator.</summary>
/// <param name="Kind"><c>operator-log</c>.</param>
/// <param name="Run">Which.</param>
/// <param name="Count">How many dead letters it is about.</param>
/// <param name="At">Unix milliseconds.</param>
/// <param name="Head">Head of the log, as <see cref="OperatorLogHead"/> writes it.</param>
internal sealed record OperatorSignal(string Kind, string Run, int Count, long At, string Head);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OperatorSignal))]
internal sealed partial class OperatorSignalJson : JsonSerializerContext;

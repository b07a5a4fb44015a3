using System.Text.Json;
using Microsoft.Azure.Functions.Worker.Converters;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Hands the invocation its session: the id and the time of its lock come in the trigger's metadata.</summary>
internal sealed class ServiceBusSessionMessageActionsConverter(Settling.Settlement.SettlementClient settlement) : IInputConverter
{
    /// <exception cref="InvalidOperationException">The host sent no session along.</exception>
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.TargetType != typeof(ServiceBusSessionMessageActions)) return ValueTask.FromResult(ConversionResult.Unhandled());
        var metadata = context.FunctionContext.BindingContext.BindingData;
        var actions = new ServiceBusSessionMessageActions(settlement, SessionId(metadata), LockedUntil(metadata));
        return ValueTask.FromResult(ConversionResult.Success(actions));
    }

    private static string SessionId(IReadOnlyDictionary<string, object?> metadata)
    {
        if (metadata.TryGetValue("SessionId", out var id) && id is string one) return one;
        var first = metadata.TryGetValue("SessionIdArray", out var ids) && ids is string json ? JsonSerializer.Deserialize<string[]>(json)?.FirstOrDefault() : null;
        return first ?? throw new InvalidOperationException("Expected SessionId or SessionIdArray in the trigger's metadata: is IsSessionsEnabled set on the trigger?");
    }

    private static DateTimeOffset LockedUntil(IReadOnlyDictionary<string, object?> metadata)
    {
        if (metadata.TryGetValue("SessionActions", out var actions) && actions is string json)
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.TryGetProperty(nameof(ServiceBusSessionMessageActions.SessionLockedUntil), out var until)) return until.GetDateTimeOffset();
        }

        throw new InvalidOperationException("Expected SessionActions with SessionLockedUntil in the trigger's metadata.");
    }
}

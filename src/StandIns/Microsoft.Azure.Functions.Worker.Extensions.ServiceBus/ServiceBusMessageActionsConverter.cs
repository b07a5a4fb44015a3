using Microsoft.Azure.Functions.Worker.Converters;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Hands the invocation what settles its messages.</summary>
internal sealed class ServiceBusMessageActionsConverter(Settling.Settlement.SettlementClient settlement) : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(
            context.TargetType == typeof(ServiceBusMessageActions) ? ConversionResult.Success(new ServiceBusMessageActions(settlement)) : ConversionResult.Unhandled());
    }
}

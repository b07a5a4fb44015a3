using System.ComponentModel;
using System.Reflection;
using Azure.Messaging.ServiceBus;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Emulator.Functions.Triggers.ServiceBus;

namespace Emulator.Functions.Indexing;

/// <summary>Decides where each parameter of a function comes from. What the worker would leave null without a word is an error here.</summary>
internal static class ParameterIndexer
{
    private static readonly Type[] MessageTypes = [typeof(ServiceBusReceivedMessage), typeof(string), typeof(byte[])];
    private static readonly Type[] RequestTypes = [typeof(HttpRequest)];
    private static readonly Type[] TimerTypes = [typeof(TimerInfo)];

    public static IReadOnlyList<ParameterBinding> Read(MethodInfo method, TriggerDescriptor trigger, string where, ICollection<string> errors)
    {
        var bindings = new List<ParameterBinding>();
        foreach (var parameter in method.GetParameters())
        {
            if (SourceOf(parameter, trigger, where, errors) is { } source)
            {
                bindings.Add(new ParameterBinding(parameter.Name!, parameter.ParameterType, source, parameter.HasDefaultValue, parameter.DefaultValue));
            }
        }

        return bindings;
    }

    private static ParameterSource? SourceOf(ParameterInfo parameter, TriggerDescriptor trigger, string where, ICollection<string> errors)
    {
        var type = parameter.ParameterType;
        if (parameter.GetCustomAttribute<TriggerBindingAttribute>() is not null)
        {
            var types = TriggerTypes(trigger);
            if (types.Contains(type))
            {
                return ParameterSource.Trigger;
            }

            errors.Add($"{where}: {trigger.Type} parameter '{parameter.Name}' is a {type}; this host hands over {Names(types)}.");
            return null;
        }

        if (type == typeof(FunctionContext))
        {
            return ParameterSource.FunctionContext;
        }

        if (type == typeof(CancellationToken))
        {
            return ParameterSource.CancellationToken;
        }

        if (type == typeof(ServiceBusMessageActions) && trigger is ServiceBusTriggerDescriptor)
        {
            return ParameterSource.MessageActions;
        }

        if (IsBindingDatum(parameter, trigger))
        {
            return ParameterSource.BindingData;
        }

        errors.Add($"{where}: parameter '{parameter.Name}' of type {type} cannot be filled for a {trigger.Type}.");
        return null;
    }

    private static Type[] TriggerTypes(TriggerDescriptor trigger) => trigger switch
    {
        ServiceBusTriggerDescriptor => MessageTypes,
        HttpTriggerDescriptor => RequestTypes,
        _ => TimerTypes,
    };

    private static bool IsBindingDatum(ParameterInfo parameter, TriggerDescriptor trigger)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return trigger switch
        {
            ServiceBusTriggerDescriptor => MessageData.TryGetType(parameter.Name!, out var datum) && (type == datum || type == typeof(string)),
            HttpTriggerDescriptor => type == typeof(string) || (type.IsValueType && TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string))),
            _ => false,
        };
    }

    private static string Names(Type[] types) => string.Join(", ", types.Select(type => type.Name));
}

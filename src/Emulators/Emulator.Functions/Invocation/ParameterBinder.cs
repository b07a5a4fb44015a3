using System.ComponentModel;
using Emulator.Functions.Indexing;

namespace Emulator.Functions.Invocation;

/// <summary>Fills a function's parameters.</summary>
internal static class ParameterBinder
{
    /// <exception cref="InvalidOperationException">A datum is there but is not of the parameter's type, or a value type has none.</exception>
    public static object?[] Bind(LocalFunctionContext context)
    {
        var parameters = context.Function.Parameters;
        var arguments = new object?[parameters.Count];
        for (var index = 0; index < arguments.Length; index++)
        {
            var parameter = parameters[index];
            arguments[index] = parameter.Source switch
            {
                ParameterSource.Trigger => context.Input.ValueAs(parameter.Type),
                ParameterSource.FunctionContext => context,
                ParameterSource.CancellationToken => context.CancellationToken,
                ParameterSource.MessageActions => context.Input.MessageActions,
                ParameterSource.BindingData => Convert(parameter, context),
            };
        }

        return arguments;
    }

    private static object? Convert(ParameterBinding parameter, LocalFunctionContext context)
    {
        var nullable = Nullable.GetUnderlyingType(parameter.Type);
        var type = nullable ?? parameter.Type;
        if (!context.BindingContext.BindingData.TryGetValue(parameter.Name, out var datum) || datum is null)
        {
            return parameter.HasDefault ? parameter.Default
                : nullable is not null || !type.IsValueType ? null
                : throw new InvalidOperationException($"Parameter '{parameter.Name}' needs a {type.Name}, and the trigger brought none.");
        }

        if (type.IsInstanceOfType(datum))
        {
            return datum;
        }

        var text = System.Convert.ToString(datum, System.Globalization.CultureInfo.InvariantCulture) ?? "";
        if (type == typeof(string))
        {
            return text;
        }

        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new InvalidOperationException($"Parameter '{parameter.Name}' needs a {type.Name}, and the trigger brought something else.", exception);
        }
    }
}

using System.Numerics;

namespace Emulator.ServiceBus.Rules;

/// <summary>Arithmetic and comparison over the values that messages and expressions hold. Null is NULL (unknown).</summary>
internal static class SqlValue
{
    /// <summary>
    /// The type an expression works with: long, decimal, double, string, bool, Guid,
    /// DateTimeOffset or TimeSpan. Anything else is kept, and compares to nothing.
    /// </summary>
    public static object? Normalise(object? value) => value switch
    {
        byte number => (long)number,
        sbyte number => (long)number,
        short number => (long)number,
        ushort number => (long)number,
        int number => (long)number,
        uint number => (long)number,
        ulong number => number <= long.MaxValue ? (long)number : (decimal)number,
        float number => (double)number,
        char unit => unit.ToString(),
        DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
        _ => value,
    };

    /// <summary>Compares two values of kinds that compare.</summary>
    /// <returns>Null, unknown, when either is null or the kinds do not compare.</returns>
    public static bool? Compare(SqlComparisonOperator comparison, object? left, object? right)
    {
        if (Ordering(left, right) is not { } order) return null;
        if (left is bool or Guid && comparison is not (SqlComparisonOperator.Equal or SqlComparisonOperator.NotEqual)) return null;

        // A NaN is ordered against nothing, itself included.
        if (order == Unordered) return comparison == SqlComparisonOperator.NotEqual;
        return comparison switch
        {
            SqlComparisonOperator.Equal => order == 0,
            SqlComparisonOperator.NotEqual => order != 0,
            SqlComparisonOperator.Less => order < 0,
            SqlComparisonOperator.LessOrEqual => order <= 0,
            SqlComparisonOperator.Greater => order > 0,
            SqlComparisonOperator.GreaterOrEqual => order >= 0,
        };
    }

    /// <summary>Computes; one side null gives null.</summary>
    /// <param name="operation">What to compute.</param>
    /// <param name="left">Normalised.</param>
    /// <param name="right">Normalised.</param>
    /// <param name="fault">Why it cannot be computed, or null.</param>
    public static object? Compute(SqlArithmeticOperator operation, object? left, object? right, out string? fault)
    {
        fault = null;
        if (left is null || right is null) return null;
        try
        {
            var result = (left, right) switch
            {
                (string first, string second) when operation == SqlArithmeticOperator.Add => first + second,
                (long first, long second) => Compute(operation, first, second),
                (double first, _) when ToDouble(right) is { } second => Compute(operation, first, second),
                (_, double second) when ToDouble(left) is { } first => Compute(operation, first, second),
                (decimal first, _) when ToDecimal(right) is { } second => Compute(operation, first, second),
                (_, decimal second) when ToDecimal(left) is { } first => Compute(operation, first, second),
                (DateTimeOffset first, DateTimeOffset second) when operation == SqlArithmeticOperator.Subtract => first - second,
                (DateTimeOffset first, TimeSpan second) when operation == SqlArithmeticOperator.Add => first + second,
                (DateTimeOffset first, TimeSpan second) when operation == SqlArithmeticOperator.Subtract => first - second,
                (TimeSpan first, TimeSpan second) when operation == SqlArithmeticOperator.Add => first + second,
                (TimeSpan first, TimeSpan second) when operation == SqlArithmeticOperator.Subtract => first - second,
                _ => (object?)null,
            };
            if (result is null) fault = $"{Name(left)} and {Name(right)} do not go together in {operation}";
            return result;
        }
        catch (DivideByZeroException)
        {
            fault = "a division by zero";
        }
        catch (Exception exception) when (exception is OverflowException or ArgumentOutOfRangeException)
        {
            fault = $"a result out of range in {operation}";
        }

        return null;
    }

    /// <summary>The same with its sign changed; null stays null.</summary>
    public static object? Negate(object? value, out string? fault)
    {
        fault = null;
        switch (value)
        {
            case null: return null;
            case long number when number != long.MinValue: return -number;
            case double number: return -number;
            case decimal number: return -number;
            default:
                fault = $"{Name(value)} has no negative";
                return null;
        }
    }

    /// <summary>How faults name a value's kind; never the value itself.</summary>
    public static string Name(object value) => value switch
    {
        long => "an integer",
        double or decimal => "a number",
        string => "a string",
        bool => "a boolean",
        DateTimeOffset => "a time",
        TimeSpan => "a duration",
        _ => $"a {value.GetType().Name}",
    };

    private const int Unordered = int.MinValue;

    private static int? Ordering(object? left, object? right) => (left, right) switch
    {
        (null, _) or (_, null) => null,
        (string first, string second) => Math.Sign(string.CompareOrdinal(first, second)),
        (bool first, bool second) => first.CompareTo(second),
        (Guid first, Guid second) => Math.Sign(first.CompareTo(second)),
        (DateTimeOffset first, DateTimeOffset second) => first.CompareTo(second),
        (TimeSpan first, TimeSpan second) => first.CompareTo(second),
        (long first, long second) => first.CompareTo(second),
        (double first, _) when ToDouble(right) is { } second => Ordering(first, second),
        (_, double second) when ToDouble(left) is { } first => Ordering(first, second),
        (decimal first, _) when ToDecimal(right) is { } second => first.CompareTo(second),
        (_, decimal second) when ToDecimal(left) is { } first => first.CompareTo(second),
        _ => null,
    };

    private static int Ordering(double first, double second) =>
        double.IsNaN(first) || double.IsNaN(second) ? Unordered : first.CompareTo(second);

    private static double? ToDouble(object? value) => value switch
    {
        long number => number,
        decimal number => (double)number,
        double number => number,
        _ => null,
    };

    private static decimal? ToDecimal(object? value) => value switch
    {
        long number => number,
        decimal number => number,
        _ => null,
    };

    // checked: an overflow is a fault, not another number. For double both are no-ops.
    private static T Compute<T>(SqlArithmeticOperator operation, T left, T right)
        where T : INumber<T> => checked(operation switch
        {
            SqlArithmeticOperator.Add => left + right,
            SqlArithmeticOperator.Subtract => left - right,
            SqlArithmeticOperator.Multiply => left * right,
            SqlArithmeticOperator.Divide => left / right,
            SqlArithmeticOperator.Remainder => left % right,
        });
}

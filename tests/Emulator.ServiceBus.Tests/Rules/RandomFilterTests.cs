using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Emulator.ServiceBus.Rules;

namespace Emulator.ServiceBus.Tests.Rules;

/// <summary>
/// Random filters, written out as text, against what a naive evaluator says
/// of the tree they were written from. It shares no code with ours: truth is
/// -1, 0 or 1 with AND as the least and OR as the greatest, LIKE is a regular expression, numbers are decimals.
/// </summary>
public sealed class RandomFilterTests
{
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f"];

    [Fact]
    public void IsTrue_RandomFilters_AgreesWithANaiveEvaluator()
    {
        var seed = TimeProvider.System.GetUtcNow().Millisecond;
        var random = new Random(seed);
        int matched = 0, unknown = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var properties = new Dictionary<string, object?>();
            foreach (var name in Names)
            {
                if (random.Next(4) > 0) properties[name] = Value(random);
            }

            var (text, truth) = Predicate(random, properties, 4);
            if (text.Length > SqlParser.MaxLength) continue;
            Assert.True(
                SqlParser.TryParseFilter(text, new Dictionary<string, object>(), out var filter, out var error),
                $"seed {seed}, round {round}: {text}: {error}");
            var evaluator = new SqlEvaluator(new RuleMessage(new FilterFields { Properties = properties }, default, 1));
            var holds = evaluator.IsTrue(filter);
            Assert.True(
                holds == (truth == 1), $"seed {seed}, round {round}: {text} with {Describe(properties)} is {holds}, naively {truth}");
            Assert.Null(evaluator.Fault);
            matched += truth == 1 ? 1 : 0;
            unknown += truth == 0 ? 1 : 0;
        }

        // All three answers are met in numbers, or the generator shows nothing.
        Assert.InRange(matched, 3_000, 17_000);
        Assert.InRange(unknown, 1_000, 17_000);
    }

    private static (string Text, int Truth) Predicate(Random random, Dictionary<string, object?> properties, int depth)
    {
        switch (depth == 0 ? random.Next(4, 9) : random.Next(9))
        {
            case 0 or 1:
                var (left, first) = Predicate(random, properties, depth - 1);
                var (right, second) = Predicate(random, properties, depth - 1);
                return ($"({left}) AND ({right})", Math.Min(first, second));
            case 2:
                var (one, truth) = Predicate(random, properties, depth - 1);
                var (other, otherTruth) = Predicate(random, properties, depth - 1);
                return ($"({one}) or ({other})", Math.Max(truth, otherTruth));
            case 3:
                var (inner, innerTruth) = Predicate(random, properties, depth - 1);
                return ($"NOT ({inner})", -innerTruth);
            case 4:
                var name = Name(random);
                var negated = random.Next(2) == 0;
                return ($"{name} IS {(negated ? "NOT " : "")}NULL", properties.GetValueOrDefault(name) is null != negated ? 1 : -1);
            case 5:
                var property = Name(random);
                return ($"EXISTS({property})", properties.ContainsKey(property) ? 1 : -1);
            case 6:
                return In(random, properties);
            case 7:
                return Like(random, properties);
            default:
                return Comparison(random, properties);
        }
    }

    private static (string Text, int Truth) Comparison(Random random, Dictionary<string, object?> properties)
    {
        var (left, first) = Operand(random, properties);
        var (right, second) = Operand(random, properties);
        var symbol = random.GetItems<string>(["=", "<>", "!=", "<", "<=", ">", ">="], 1)[0];
        if (Order(first, second) is not { } order) return ($"{left} {symbol} {right}", 0);
        if (first is bool && (symbol is "<" or "<=" or ">" or ">=")) return ($"{left} {symbol} {right}", 0);
        var holds = symbol switch
        {
            "=" => order == 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            ">=" => order >= 0,
            _ => order != 0,
        };
        return ($"{left} {symbol} {right}", holds ? 1 : -1);
    }

    private static (string Text, int Truth) In(Random random, Dictionary<string, object?> properties)
    {
        var (operand, value) = Operand(random, properties);
        var items = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Operand(random, properties)).ToList();
        var truth = value is null ? 0 : items.Max(item => Order(value, item.Value) is not { } order ? 0 : order == 0 ? 1 : -1);
        var negated = random.Next(2) == 0;
        return ($"{operand} {(negated ? "NOT " : "")}IN ({string.Join(", ", items.Select(item => item.Text))})", negated ? -truth : truth);
    }

    private static (string Text, int Truth) Like(Random random, Dictionary<string, object?> properties)
    {
        var name = Name(random);
        var pattern = new StringBuilder();
        var expression = new StringBuilder();
        for (var left = random.Next(4); left > 0; left--)
        {
            switch (random.Next(5))
            {
                case 0: pattern.Append('%'); expression.Append(".*"); break;
                case 1: pattern.Append('_'); expression.Append('.'); break;
                case 2: pattern.Append("!%"); expression.Append('%'); break;
                default:
                    var unit = "xy"[random.Next(2)];
                    pattern.Append(unit);
                    expression.Append(unit);
                    break;
            }
        }

        var truth = properties.GetValueOrDefault(name) is string text
            ? Regex.IsMatch(text, $@"\A{expression}\z", RegexOptions.Singleline)
            ? 1
            : -1
            : 0;
        var negated = random.Next(2) == 0;
        return ($"{name} {(negated ? "NOT " : "")}LIKE '{pattern}' ESCAPE '!'", negated ? -truth : truth);
    }

    private static (string Text, object? Value) Operand(Random random, Dictionary<string, object?> properties)
    {
        switch (random.Next(5))
        {
            case 0 or 1:
                var name = Name(random);
                return (name, properties.GetValueOrDefault(name));
            case 2:
                var (left, first) = Number(random);
                var (right, second) = Number(random);
                return random.Next(3) switch
                {
                    0 => ($"{left} + {right}", first + second),
                    1 => ($"{left} - {right}", first - second),
                    _ => ($"({left} + {right}) * {right}", (first + second) * second),
                };
            default:
                var value = Value(random);
                return (
                    value switch
                    {
                        null => "NULL",
                        string text => $"'{text}'",
                        bool flag => flag ? "TRUE" : "FALSE",
                        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
                    },
                    value);
        }
    }

    private static (string Text, decimal Value) Number(Random random)
    {
        var number = random.Next(-4, 5);
        return (number.ToString(CultureInfo.InvariantCulture), number);
    }

    private static object? Value(Random random) => random.Next(6) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => new string([.. Enumerable.Range(0, random.Next(4)).Select(_ => "xy%"[random.Next(3)])]),
        3 => random.Next(-4, 5) / 2.0,
        _ => random.Next(-4, 5),
    };

    private static string Name(Random random) => Names[random.Next(Names.Length)];

    private static int? Order(object? left, object? right) => (left, right) switch
    {
        (null, _) or (_, null) => null,
        (string first, string second) => string.CompareOrdinal(first, second),
        (bool first, bool second) => first.CompareTo(second),
        (string or bool, _) or (_, string or bool) => null,
        _ => Convert.ToDecimal(left, CultureInfo.InvariantCulture).CompareTo(Convert.ToDecimal(right, CultureInfo.InvariantCulture)),
    };

    private static string Describe(Dictionary<string, object?> properties) =>
        string.Join(", ", properties.Select(pair => $"{pair.Key}={pair.Value ?? "NULL"}"));
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Emulator.ServiceBus.Rules;

/// <content>Statements of actions, and what both grammars are read with.</content>
internal sealed partial class SqlParser
{
    // Stands where an error left nothing; never evaluated.
    private static readonly SqlConstant Nothing = new((object?)null);

    /// <summary>Reads an action: <c>SET property = expression</c> and <c>REMOVE property</c>, separated by semicolons or nothing.</summary>
    public static bool TryParseAction(
        string action,
        IReadOnlyDictionary<string, object> parameters,
        [NotNullWhen(true)] out IReadOnlyList<SqlStatement>? statements,
        [NotNullWhen(false)] out SqlSyntaxError? error)
    {
        var list = new List<SqlStatement>();
        var parser = new SqlParser(parameters);
        if (parser.TryScan(action))
        {
            do
            {
                while (parser.TakeSymbol(";"))
                {
                    // Between statements, and after the last.
                }

                if (list.Count > 0 && parser.Current.Kind == SqlTokenKind.End) break;
                if (list.Count == MaxStatements)
                {
                    parser.Fail(string.Create(CultureInfo.InvariantCulture, $"at most {MaxStatements} statements"));
                }
                else list.Add(parser.ReadStatement());
            }
            while (parser._error is null);
        }

        error = parser._error;
        statements = error is null ? list : null;
        return error is null;
    }

    private SqlStatement ReadStatement()
    {
        var isSet = TakeKeyword("SET");
        if (!isSet && !TakeKeyword("REMOVE")) Fail("SET or REMOVE");
        var target = Current;
        var property = ReadProperty();
        if (_error is null && property is SqlSystemProperty { Property: var system }
            && (!SystemProperties.IsSettable(system) || (!isSet && system == SystemProperty.MessageId)))
        {
            _error = new SqlSyntaxError(
                target.Position, isSet ? "a property that can be set" : "a property that can be removed", $"'sys.{system}'");
        }

        if (!isSet) return new SqlStatement(property, null);
        ExpectSymbol("=");
        return new SqlStatement(property, ReadOr());
    }

    private SqlNode Nested(Func<SqlNode> read)
    {
        if (_error is not null) return Nothing;
        if (_depth == MaxDepth) return Fail(string.Create(CultureInfo.InvariantCulture, $"at most {MaxDepth} levels of nesting"));
        _depth++;
        var node = read();
        _depth--;
        return node;
    }

    private bool TryTakeComparison(out SqlComparisonOperator comparison)
    {
        comparison = default;
        if (Current.Kind != SqlTokenKind.Symbol) return false;
        SqlComparisonOperator? found = Current.Text switch
        {
            "=" => SqlComparisonOperator.Equal,
            "<>" or "!=" => SqlComparisonOperator.NotEqual,
            "<" => SqlComparisonOperator.Less,
            "<=" => SqlComparisonOperator.LessOrEqual,
            ">" => SqlComparisonOperator.Greater,
            ">=" => SqlComparisonOperator.GreaterOrEqual,
            _ => null,
        };
        if (found is null) return false;
        comparison = found.Value;
        _next++;
        return true;
    }

    private bool TakeKeyword(string word)
    {
        if (_error is not null || !Current.IsKeyword(word)) return false;
        _next++;
        return true;
    }

    private bool TakeSymbol(string symbol)
    {
        if (_error is not null || !Current.IsSymbol(symbol)) return false;
        _next++;
        return true;
    }

    private void Expect(string word)
    {
        if (!TakeKeyword(word)) Fail(word);
    }

    private void ExpectSymbol(string symbol)
    {
        if (!TakeSymbol(symbol)) Fail($"'{symbol}'");
    }

    /// <summary>Notes the first error; everything read after it is thrown away.</summary>
    private SqlConstant Fail(string expected)
    {
        _error ??= new SqlSyntaxError(Current.Position, expected, Current.Describe());
        return Nothing;
    }
}

/// <summary>One change of an action.</summary>
/// <param name="Property">A <see cref="SqlUserProperty"/> or <see cref="SqlSystemProperty"/>.</param>
/// <param name="Value">What it is set to; null removes it.</param>
internal sealed record SqlStatement(SqlNode Property, SqlNode? Value);

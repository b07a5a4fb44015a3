using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Emulator.ServiceBus.Rules;

/// <summary>
/// Reads filters and actions. Precedence from loose to tight: OR; AND; NOT; comparisons, IS, IN, LIKE; + and -; *, / and %; unary + and -.
/// Keywords and names of properties are told apart without regard to case. Every limit is checked before anything is built on it.
/// </summary>
internal sealed partial class SqlParser
{
    /// <summary>Longest expression, in characters.</summary>
    public const int MaxLength = 1024;

    /// <summary>Deepest nesting of parentheses, NOT, unary signs and function calls.</summary>
    public const int MaxDepth = 32;

    /// <summary>Most statements in one action.</summary>
    public const int MaxStatements = 32;

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "AND", "OR", "NOT", "IN", "IS", "LIKE", "ESCAPE", "EXISTS", "NULL", "TRUE", "FALSE", "SET", "REMOVE",
    };

    private readonly IReadOnlyDictionary<string, object> _parameters;
    private readonly List<SqlToken> _tokens = [];
    private int _next;
    private int _depth;
    private SqlSyntaxError? _error;

    private SqlParser(IReadOnlyDictionary<string, object> parameters) => _parameters = parameters;

    private SqlToken Current => _tokens[_next];

    /// <summary>Reads a filter.</summary>
    /// <param name="expression">At most <see cref="MaxLength"/> characters.</param>
    /// <param name="parameters">Values by name without <c>@</c>; a name may be given with it too.</param>
    public static bool TryParseFilter(
        string expression,
        IReadOnlyDictionary<string, object> parameters,
        [NotNullWhen(true)] out SqlNode? filter,
        [NotNullWhen(false)] out SqlSyntaxError? error)
    {
        filter = null;
        var parser = new SqlParser(parameters);
        if (parser.TryScan(expression))
        {
            filter = parser.ReadOr();
            if (parser._error is null && parser.Current.Kind != SqlTokenKind.End) parser.Fail("an operator or the end");
        }

        error = parser._error;
        if (error is not null) filter = null;
        return filter is not null && error is null;
    }

    private bool TryScan(string expression)
    {
        if (expression.Length > MaxLength)
        {
            _error = new SqlSyntaxError(
                MaxLength,
                string.Create(CultureInfo.InvariantCulture, $"at most {MaxLength} characters"),
                string.Create(CultureInfo.InvariantCulture, $"{expression.Length}"));
            return false;
        }

        var lexer = new SqlLexer(expression);
        do
        {
            if (!lexer.TryRead(out var token, out _error)) return false;
            _tokens.Add(token);
        }
        while (_tokens[^1].Kind != SqlTokenKind.End);
        return true;
    }

    private SqlNode ReadOr()
    {
        var left = ReadAnd();
        while (TakeKeyword("OR"))
        {
            left = new SqlOr(left, ReadAnd());
        }

        return left;
    }

    private SqlNode ReadAnd()
    {
        var left = ReadNot();
        while (TakeKeyword("AND"))
        {
            left = new SqlAnd(left, ReadNot());
        }

        return left;
    }

    private SqlNode ReadNot()
    {
        if (!TakeKeyword("NOT")) return ReadPredicate();
        return Nested(() => new SqlNot(ReadNot()));
    }

    private SqlNode ReadPredicate()
    {
        var left = ReadSum();
        while (_error is null)
        {
            if (TryTakeComparison(out var comparison))
            {
                left = new SqlComparison(comparison, left, ReadSum());
            }
            else if (TakeKeyword("IS"))
            {
                var negated = TakeKeyword("NOT");
                Expect("NULL");
                left = new SqlIsNull(left, negated);
            }
            else
            {
                var negated = Current.IsKeyword("NOT") && (_tokens[_next + 1].IsKeyword("IN") || _tokens[_next + 1].IsKeyword("LIKE"));
                if (negated) _next++;
                if (TakeKeyword("IN")) left = new SqlIn(left, ReadList(), negated);
                else if (TakeKeyword("LIKE")) left = ReadLike(left, negated);
                else return left;
            }
        }

        return left;
    }

    private SqlLike ReadLike(SqlNode operand, bool negated)
    {
        var pattern = ReadSum();
        if (!TakeKeyword("ESCAPE")) return new SqlLike(operand, pattern, null, negated);
        var position = Current;
        var escape = ReadSum();
        if (_error is null && escape is SqlConstant { Value: not null } constant && constant.Value is not string { Length: 1 })
        {
            _error = new SqlSyntaxError(position.Position, "a string of one character after ESCAPE", position.Describe());
        }

        return new SqlLike(operand, pattern, escape, negated);
    }

    private List<SqlNode> ReadList()
    {
        var items = new List<SqlNode>();
        ExpectSymbol("(");
        do
        {
            if (_error is not null) return items;
            items.Add(ReadSum());
        }
        while (TakeSymbol(","));
        ExpectSymbol(")");
        return items;
    }

    private SqlNode ReadSum()
    {
        var left = ReadProduct();
        while (_error is null)
        {
            if (TakeSymbol("+")) left = new SqlArithmetic(SqlArithmeticOperator.Add, left, ReadProduct());
            else if (TakeSymbol("-")) left = new SqlArithmetic(SqlArithmeticOperator.Subtract, left, ReadProduct());
            else break;
        }

        return left;
    }

    private SqlNode ReadProduct()
    {
        var left = ReadUnary();
        while (_error is null)
        {
            if (TakeSymbol("*")) left = new SqlArithmetic(SqlArithmeticOperator.Multiply, left, ReadUnary());
            else if (TakeSymbol("/")) left = new SqlArithmetic(SqlArithmeticOperator.Divide, left, ReadUnary());
            else if (TakeSymbol("%")) left = new SqlArithmetic(SqlArithmeticOperator.Remainder, left, ReadUnary());
            else break;
        }

        return left;
    }

    private SqlNode ReadUnary()
    {
        if (TakeSymbol("+")) return Nested(() => new SqlPlus(ReadUnary()));
        if (!TakeSymbol("-")) return ReadPrimary();

        // The smallest integer has no positive counterpart.
        if (Current.Kind == SqlTokenKind.Integer) return ReadInteger("-");
        return Nested(() => new SqlNegate(ReadUnary()));
    }

    private SqlNode ReadPrimary()
    {
        if (_error is not null) return Nothing;
        var token = Current;
        switch (token.Kind)
        {
            case SqlTokenKind.Integer:
                return ReadInteger("");
            case SqlTokenKind.Real:
                _next++;
                return new SqlConstant(double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture));
            case SqlTokenKind.Text:
                _next++;
                return new SqlConstant(token.Text);
            case SqlTokenKind.Parameter:
                return ReadParameter();
            case SqlTokenKind.Symbol when token.Text == "(":
                _next++;
                return Nested(() =>
                {
                    var inner = ReadOr();
                    ExpectSymbol(")");
                    return inner;
                });
            case SqlTokenKind.Identifier:
                return ReadWord();
            default:
                return Fail("a value, a property or '('");
        }
    }

    private SqlNode ReadWord()
    {
        if (TakeKeyword("TRUE")) return new SqlConstant(true);
        if (TakeKeyword("FALSE")) return new SqlConstant(false);
        if (TakeKeyword("NULL")) return new SqlConstant(null);
        if (!Current.IsQuoted && _tokens[_next + 1].IsSymbol("(")) return ReadFunction();
        return ReadProperty();
    }

    private SqlNode ReadFunction()
    {
        if (TakeKeyword("EXISTS"))
        {
            ExpectSymbol("(");
            var property = ReadProperty();
            ExpectSymbol(")");
            return new SqlExists(property);
        }

        if (TakeKeyword("newid"))
        {
            ExpectSymbol("(");
            ExpectSymbol(")");
            return new SqlNewId();
        }

        if (!TakeKeyword("property") && !TakeKeyword("p")) return Fail("one of the functions newid, property, p, EXISTS, or an operator");
        return Nested(() =>
        {
            ExpectSymbol("(");
            var name = ReadSum();
            ExpectSymbol(")");
            return new SqlPropertyByName(name);
        });
    }

    private SqlNode ReadProperty()
    {
        if (_error is not null) return Nothing;
        var token = Current;
        if (token.Kind != SqlTokenKind.Identifier || (!token.IsQuoted && Reserved.Contains(token.Text))) return Fail("a property");
        _next++;
        if (token.IsQuoted || !Current.IsSymbol(".")) return new SqlUserProperty(token.Text);
        _next++;
        var name = Current;
        if (name.Kind != SqlTokenKind.Identifier) return Fail("the name of a property");
        if (token.IsKeyword("user"))
        {
            _next++;
            return new SqlUserProperty(name.Text);
        }

        if (!token.IsKeyword("sys"))
        {
            _next -= 2;
            return Fail("the scope sys or user");
        }

        if (!SystemProperties.TryFind(name.Text, out var property))
        {
            return Fail("one of the system properties " + string.Join(", ", Enum.GetNames<SystemProperty>()));
        }
        _next++;
        return new SqlSystemProperty(property);
    }

    private SqlConstant ReadInteger(string sign)
    {
        if (!long.TryParse(sign + Current.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return Fail("an integer of at most 64 bits");
        }
        _next++;
        return new SqlConstant(number);
    }

    private SqlConstant ReadParameter()
    {
        var name = Current.Text;
        foreach (var (key, value) in _parameters)
        {
            if (!key.AsSpan(key.StartsWith('@') ? 1 : 0).Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            _next++;
            return new SqlConstant(SqlValue.Normalise(value));
        }

        return Fail("a parameter with a value");
    }
}

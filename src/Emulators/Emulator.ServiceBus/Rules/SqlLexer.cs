using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Emulator.ServiceBus.Rules;

/// <summary>Takes the words off an expression.</summary>
/// <param name="source">The expression, of bounded length.</param>
internal ref struct SqlLexer(string source)
{
    private int _next;

    /// <summary>The next word; <see cref="SqlTokenKind.End"/> when there is none.</summary>
    public bool TryRead(out SqlToken token, [NotNullWhen(false)] out SqlSyntaxError? error)
    {
        error = null;
        while (_next < source.Length && char.IsWhiteSpace(source[_next]))
        {
            _next++;
        }

        var start = _next;
        if (start == source.Length)
        {
            token = new SqlToken(SqlTokenKind.End, "", start);
            return true;
        }

        var first = source[start];
        if (char.IsLetter(first) || first == '_') token = new SqlToken(SqlTokenKind.Identifier, TakeName(), start);
        else if (char.IsAsciiDigit(first) || (first == '.' && IsDigitAt(start + 1))) token = TakeNumber();
        else if (first == '@' && start + 1 < source.Length && (char.IsLetter(source[start + 1]) || source[start + 1] == '_'))
        {
            _next++;
            token = new SqlToken(SqlTokenKind.Parameter, TakeName(), start);
        }
        else if (first == '\'') return TryTakeQuoted('\'', SqlTokenKind.Text, out token, out error);
        else if (first == '"') return TryTakeQuoted('"', SqlTokenKind.Identifier, out token, out error);
        else if (first == '[') return TryTakeQuoted(']', SqlTokenKind.Identifier, out token, out error);
        else return TryTakeSymbol(out token, out error);
        return true;
    }

    private string TakeName()
    {
        var start = _next;
        while (_next < source.Length && (char.IsLetterOrDigit(source[_next]) || source[_next] is '_'))
        {
            _next++;
        }

        return source[start.._next];
    }

    private SqlToken TakeNumber()
    {
        var start = _next;
        var isReal = false;
        SkipDigits();
        if (_next < source.Length && source[_next] == '.')
        {
            isReal = true;
            _next++;
            SkipDigits();
        }

        if (_next < source.Length && source[_next] is 'e' or 'E')
        {
            var exponent = _next + 1;
            if (exponent < source.Length && source[exponent] is '+' or '-') exponent++;
            if (IsDigitAt(exponent))
            {
                isReal = true;
                _next = exponent;
                SkipDigits();
            }
        }

        return new SqlToken(isReal ? SqlTokenKind.Real : SqlTokenKind.Integer, source[start.._next], start);
    }

    private void SkipDigits()
    {
        while (IsDigitAt(_next))
        {
            _next++;
        }
    }

    private readonly bool IsDigitAt(int position) => position < source.Length && char.IsAsciiDigit(source[position]);

    /// <summary>The closing sign doubled stands for itself.</summary>
    private bool TryTakeQuoted(char close, SqlTokenKind kind, out SqlToken token, [NotNullWhen(false)] out SqlSyntaxError? error)
    {
        var start = _next++;
        var text = new StringBuilder();
        while (_next < source.Length)
        {
            var unit = source[_next++];
            if (unit == close)
            {
                if (_next == source.Length || source[_next] != close)
                {
                    token = new SqlToken(kind, text.ToString(), start, IsQuoted: true);
                    error = kind == SqlTokenKind.Identifier && text.Length == 0
                        ? new SqlSyntaxError(start, "a name", "an empty quoted identifier")
                        : null;
                    return error is null;
                }

                _next++;
            }

            text.Append(unit);
        }

        token = default;
        error = new SqlSyntaxError(source.Length, $"a closing {close} for what begins at {start}", "the end");
        return false;
    }

    private bool TryTakeSymbol(out SqlToken token, [NotNullWhen(false)] out SqlSyntaxError? error)
    {
        var start = _next;
        var two = start + 1 < source.Length ? source.Substring(start, 2) : "";
        var length = two is "<>" or "!=" or "<=" or ">="
            ? 2
            : source[start] is '=' or '<' or '>' or '+' or '-' or '*' or '/' or '%' or '(' or ')' or ',' or '.' or ';'
            ? 1
            : 0;
        token = new SqlToken(SqlTokenKind.Symbol, source.Substring(start, length), start);
        _next += length;
        error = length == 0 ? new SqlSyntaxError(start, "a name, a value or an operator", $"'{source[start]}'") : null;
        return error is null;
    }
}

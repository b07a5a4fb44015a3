namespace Emulator.ServiceBus.Rules;

/// <summary>One word of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">An identifier's name or a string's content, quotes taken off; an operator or number as written.</param>
/// <param name="Position">Where it begins, in characters from 0.</param>
/// <param name="IsQuoted">An identifier in brackets or double quotes: never a keyword.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Text, int Position, bool IsQuoted = false)
{
    public bool IsKeyword(string word) =>
        Kind == SqlTokenKind.Identifier && !IsQuoted && Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    public bool IsSymbol(string symbol) => Kind == SqlTokenKind.Symbol && Text == symbol;

    /// <summary>How an error names it.</summary>
    public string Describe() => Kind switch
    {
        SqlTokenKind.End => "the end",
        SqlTokenKind.Text => $"the string '{Text}'",
        SqlTokenKind.Identifier or SqlTokenKind.Parameter or SqlTokenKind.Integer or SqlTokenKind.Real or SqlTokenKind.Symbol =>
            $"'{Text}'",
    };
}

internal enum SqlTokenKind
{
    End,
    Identifier,

    /// <summary><c>@name</c>, without the sign.</summary>
    Parameter,
    Text,
    Integer,

    /// <summary>A number with a point or an exponent.</summary>
    Real,
    Symbol,
}

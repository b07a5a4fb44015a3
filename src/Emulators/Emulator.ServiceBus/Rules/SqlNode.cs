namespace Emulator.ServiceBus.Rules;

/// <summary>A parsed expression. Immutable; <see cref="SqlEvaluator"/> says what each means.</summary>
internal abstract record SqlNode;

/// <summary>A constant or a parameter's value; null is NULL.</summary>
internal sealed record SqlConstant(object? Value) : SqlNode;

/// <summary>An application property.</summary>
internal sealed record SqlUserProperty(string Name) : SqlNode;

/// <summary>A property of the <c>sys.</c> scope.</summary>
internal sealed record SqlSystemProperty(SystemProperty Property) : SqlNode;

/// <summary><c>property('name')</c>: an application property whose name is computed.</summary>
internal sealed record SqlPropertyByName(SqlNode Name) : SqlNode;

/// <summary><c>newid()</c>.</summary>
internal sealed record SqlNewId : SqlNode;

/// <summary>Unary minus.</summary>
internal sealed record SqlNegate(SqlNode Operand) : SqlNode;

/// <summary>Unary plus: a number stays as it is, anything else is at fault.</summary>
internal sealed record SqlPlus(SqlNode Operand) : SqlNode;

internal sealed record SqlArithmetic(SqlArithmeticOperator Operator, SqlNode Left, SqlNode Right) : SqlNode;

internal sealed record SqlComparison(SqlComparisonOperator Operator, SqlNode Left, SqlNode Right) : SqlNode;

internal sealed record SqlNot(SqlNode Operand) : SqlNode;

internal sealed record SqlAnd(SqlNode Left, SqlNode Right) : SqlNode;

internal sealed record SqlOr(SqlNode Left, SqlNode Right) : SqlNode;

internal sealed record SqlIsNull(SqlNode Operand, bool Negated) : SqlNode;

internal sealed record SqlIn(SqlNode Operand, IReadOnlyList<SqlNode> Items, bool Negated) : SqlNode;

/// <param name="Escape">Null without ESCAPE.</param>
internal sealed record SqlLike(SqlNode Operand, SqlNode Pattern, SqlNode? Escape, bool Negated) : SqlNode;

internal sealed record SqlExists(SqlNode Property) : SqlNode;

internal enum SqlArithmeticOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

internal enum SqlComparisonOperator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

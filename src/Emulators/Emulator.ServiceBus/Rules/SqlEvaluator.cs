namespace Emulator.ServiceBus.Rules;

/// <summary>
/// What an expression says of one message, in three-valued logic: a property
/// that is not there is unknown, and so is nearly everything computed
/// from it. What cannot be computed at all (a division by zero, a number plus a time) is unknown too and leaves a fault behind.
/// </summary>
/// <param name="message">The message, as changed so far.</param>
internal ref struct SqlEvaluator(RuleMessage message)
{
    /// <summary>Why the result cannot be relied on; null when it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether a filter holds: only when it is true, not when it is unknown.</summary>
    public bool IsTrue(SqlNode filter) => Truth(filter) == true;

    /// <summary>An expression's value; null is NULL.</summary>
    public object? Value(SqlNode node)
    {
        switch (node)
        {
            case SqlConstant constant:
                return constant.Value;
            case SqlUserProperty property:
                return message.User(property.Name);
            case SqlSystemProperty property:
                return message.System(property.Property);
            case SqlPropertyByName property:
                return Value(property.Name) is string name ? message.User(name) : null;
            case SqlNewId:
                return Guid.NewGuid();
            case SqlNegate negate:
                return Noted(SqlValue.Negate(Value(negate.Operand), out var signFault), signFault);
            case SqlPlus plus:
                var operand = Value(plus.Operand);
                return operand is null or long or double or decimal ? operand : Noted(null, $"{SqlValue.Name(operand)} takes no sign");
            case SqlArithmetic arithmetic:
                return Noted(SqlValue.Compute(arithmetic.Operator, Value(arithmetic.Left), Value(arithmetic.Right), out var fault), fault);
            default:
                return Truth(node);
        }
    }

    private bool? Truth(SqlNode node)
    {
        switch (node)
        {
            case SqlAnd and:
                var left = Truth(and.Left);
                if (left == false) return false;
                return Truth(and.Right) is var right && right == false ? false : left & right;
            case SqlOr or:
                var one = Truth(or.Left);
                if (one == true) return true;
                return Truth(or.Right) is var other && other == true ? true : one | other;
            case SqlNot not:
                return !Truth(not.Operand);
            case SqlComparison comparison:
                return SqlValue.Compare(comparison.Operator, Value(comparison.Left), Value(comparison.Right));
            case SqlIsNull isNull:
                return Value(isNull.Operand) is null != isNull.Negated;
            case SqlIn @in:
                return Negated(IsIn(@in), @in.Negated);
            case SqlLike like:
                return Negated(IsLike(like), like.Negated);
            case SqlExists exists:
                return exists.Property is SqlUserProperty property ? message.Has(property.Name) : Value(exists.Property) is not null;
            default:
                return Value(node) as bool?;
        }
    }

    private static bool? Negated(bool? truth, bool negated) => negated ? !truth : truth;

    /// <summary>As a chain of comparisons joined by OR: unknown when none is true and one is unknown.</summary>
    private bool? IsIn(SqlIn node)
    {
        if (Value(node.Operand) is not { } operand) return null;
        bool? found = false;
        foreach (var item in node.Items)
        {
            var equal = SqlValue.Compare(SqlComparisonOperator.Equal, operand, Value(item));
            if (equal == true) return true;
            found |= equal;
        }

        return found;
    }

    private bool? IsLike(SqlLike node)
    {
        if (Value(node.Operand) is not string text || Value(node.Pattern) is not string pattern) return null;
        char? escape = null;
        if (node.Escape is not null)
        {
            if (Value(node.Escape) is not string { Length: 1 } given) return null;
            escape = given[0];
        }

        if (!SqlPattern.IsWellFormed(pattern, escape))
        {
            Noted(null, "a LIKE pattern that ends in its escape character");
            return null;
        }

        return SqlPattern.IsMatch(text, pattern, escape);
    }

    private object? Noted(object? value, string? fault)
    {
        Fault ??= fault;
        return value;
    }
}

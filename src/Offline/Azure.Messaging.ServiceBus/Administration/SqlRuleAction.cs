#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Changes a message by SQL statements.</summary>
public sealed class SqlRuleAction : RuleAction
{
    /// <param name="sqlExpression">SET and REMOVE statements, at most 1024 characters.</param>
    /// <exception cref="ArgumentException">Null or empty.</exception>
    public SqlRuleAction(string sqlExpression)
    {
        ArgumentException.ThrowIfNullOrEmpty(sqlExpression);
        SqlExpression = sqlExpression;
    }

    /// <summary>The statements.</summary>
    public string SqlExpression { get; }

    /// <summary>Values of <c>@name</c> in the statements.</summary>
    public IDictionary<string, object> Parameters { get; } = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
}

#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>Matches by a SQL expression.</summary>
public class SqlRuleFilter : RuleFilter
{
    /// <param name="sqlExpression">At most 1024 characters.</param>
    /// <exception cref="ArgumentException">Null or empty.</exception>
    public SqlRuleFilter(string sqlExpression)
    {
        ArgumentException.ThrowIfNullOrEmpty(sqlExpression);
        SqlExpression = sqlExpression;
    }

    /// <summary>The expression.</summary>
    public string SqlExpression { get; }

    /// <summary>Values of <c>@name</c> in the expression.</summary>
    public IDictionary<string, object> Parameters { get; } = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
}

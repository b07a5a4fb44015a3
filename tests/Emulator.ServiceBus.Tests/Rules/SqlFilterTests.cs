using Emulator.ServiceBus.Rules;

namespace Emulator.ServiceBus.Tests.Rules;

public sealed class SqlFilterTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly FilterFields Fields = new()
    {
        MessageId = "m1",
        CorrelationId = "c1",
        Label = "red",
        To = "there",
        SessionId = "s1",
        ContentType = "text/plain",
        TimeToLive = TimeSpan.FromMinutes(1),
        Properties = new Dictionary<string, object?>
        {
            ["color"] = "blue",
            ["Quantity"] = 5,
            ["price"] = 1.5,
            ["exact"] = 2.50m,
            ["big"] = ulong.MaxValue,
            ["small"] = (sbyte)-3,
            ["yes"] = true,
            ["no"] = false,
            ["nothing"] = null,
            ["when"] = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
            ["long name"] = "x",
            ["a]b"] = 1,
            ["and"] = 7,
            ["percent"] = "50%_off",
            ["id"] = Guid.Parse("15561d29-2033-4085-bdc0-413bea800c1e"),
        },
    };

    [Theory]
    [InlineData("1=1")]
    [InlineData("color = 'blue'")]
    [InlineData("COLOR='blue' and quantity=5")]
    [InlineData("user.color = 'blue'")]
    [InlineData("sys.Label = 'red'")]
    [InlineData("SYS.subject = 'red' AND sys.messageid = 'm1' AND sys.To='there'")]
    [InlineData("sys.ContentType LIKE 'text/%'")]
    [InlineData("sys.DeliveryCount = 0 AND sys.SequenceNumber = 42 AND sys.EnqueuedSequenceNumber = 42")]
    [InlineData("sys.EnqueuedTimeUtc < sys.ExpiresAtUtc")]
    [InlineData("when < sys.EnqueuedTimeUtc")]
    [InlineData("sys.ReplyTo IS NULL AND sys.To IS NOT NULL")]
    [InlineData("missing IS NULL")]
    [InlineData("nothing IS NULL AND EXISTS(nothing) AND NOT EXISTS(missing)")]
    [InlineData("EXISTS(sys.Label) AND NOT EXISTS(sys.ReplyTo)")]
    [InlineData("quantity > 4 AND quantity >= 5 AND quantity < 6 AND quantity <= 5 AND quantity <> 4 AND quantity != 4")]
    [InlineData("price = 1.5 AND exact = 2.5 AND exact > price AND quantity > exact")]
    [InlineData("big > 9223372036854775807")]
    [InlineData("small = -3 AND -small = 3 AND +small < 0")]
    [InlineData("small > -9223372036854775808")]
    [InlineData("1 + 2 * 3 = 7 AND (1 + 2) * 3 = 9 AND 7 / 2 = 3 AND 7 % 4 = 3 AND 7 / 2.0 = 3.5 AND 10 - 4 - 3 = 3")]
    [InlineData("- 2 * - 3 = 6 AND 2 - -3 = 5")]
    [InlineData("1e3 = 1000 AND 1.5e-1 = 0.15 AND .5 = 0.5")]
    [InlineData("'a' + 'b' = 'ab'")]
    [InlineData("yes")]
    [InlineData("NOT no")]
    [InlineData("yes = TRUE AND no = false AND yes <> no")]
    [InlineData("quantity IN (1, 5) AND color NOT IN ('red', 'green')")]
    [InlineData("quantity IN (missing, 5)")]
    [InlineData("color LIKE 'b%' AND color LIKE '_lue' AND color LIKE '%u%' AND color NOT LIKE 'r%' AND color LIKE '%'")]
    [InlineData(@"percent LIKE '50\%\_off' ESCAPE '\' AND percent LIKE '%!_off' ESCAPE '!' AND color NOT LIKE '\%' ESCAPE '\'")]
    [InlineData("[long name] = 'x' AND \"long name\" = 'x' AND user.[long name] = 'x'")]
    [InlineData("[a]]b] = 1 AND \"a]b\" = 1")]
    [InlineData("[and] = 7 and \"and\" = 7")]
    [InlineData("property('color') = 'blue' AND p('quan' + 'tity') = 5")]
    [InlineData("newid() <> newid()")]
    [InlineData("color = 'blue' OR missing = 1")]
    [InlineData("missing = 1 OR color = 'blue'")]
    [InlineData("NOT (missing = 1 AND no)")]
    [InlineData("NOT color = 'red' AND color = 'blue'")]
    [InlineData("no AND no OR yes")]
    [InlineData("yes OR yes AND no")]
    [InlineData("'it''s' = 'it''s'")]
    [InlineData("@p = color AND @N > 4")]
    [InlineData("(((((yes)))))")]
    [InlineData("color\n=\t'blue'")]
    [InlineData("no AND 1 / 0 = 1 OR yes")]
    public void IsTrue_HoldsForTheMessage_Matches(string expression) => Assert.True(Evaluate(expression));

    [Theory]
    [InlineData("1=0")]
    [InlineData("color = 'Blue'")]
    [InlineData("missing = 1")]
    [InlineData("NOT missing = 1")]
    [InlineData("missing <> 1")]
    [InlineData("missing = missing")]
    [InlineData("NULL = NULL")]
    [InlineData("nothing = NULL")]
    [InlineData("nothing IS NOT NULL")]
    [InlineData("missing + 1 = 1")]
    [InlineData("missing LIKE '%'")]
    [InlineData("NOT missing LIKE '%'")]
    [InlineData("quantity LIKE '5'")]
    [InlineData("quantity NOT LIKE '6'")]
    [InlineData("quantity = '5'")]
    [InlineData("quantity <> '5'")]
    [InlineData("quantity NOT IN (missing, 6)")]
    [InlineData("missing NOT IN (1)")]
    [InlineData("color")]
    [InlineData("quantity")]
    [InlineData("missing OR missing")]
    [InlineData("missing AND yes")]
    [InlineData("yes > no")]
    [InlineData("when = '2026-01-01'")]
    [InlineData("id = '15561d29-2033-4085-bdc0-413bea800c1e'")]
    [InlineData("price / 0 < 1")]
    public void IsTrue_FalseOrUnknown_DoesNotMatch(string expression) => Assert.False(Evaluate(expression));

    [Theory]
    [InlineData("1 / 0 = 1", "a division by zero")]
    [InlineData("9223372036854775807 + quantity > 0", "a result out of range in Add")]
    [InlineData("color * 2 = 4", "a string and an integer do not go together in Multiply")]
    [InlineData("-color = 1", "a string has no negative")]
    [InlineData("+yes = 1", "a boolean takes no sign")]
    [InlineData("color LIKE 'x!' ESCAPE '!'", "a LIKE pattern that ends in its escape character")]
    public void IsTrue_CannotBeComputed_LeavesAFault(string expression, string fault)
    {
        var evaluator = new SqlEvaluator(Message());
        Assert.False(evaluator.IsTrue(Parse(expression)));
        Assert.Equal(fault, evaluator.Fault);
    }

    [Theory]
    [InlineData("", "at position 0: expected a value, a property or '(', got the end")]
    [InlineData("color =", "at position 7: expected a value, a property or '(', got the end")]
    [InlineData("color = 'red", "at position 12: expected a closing ' for what begins at 8, got the end")]
    [InlineData("color = red blue", "at position 12: expected an operator or the end, got 'blue'")]
    [InlineData("(a = 1", "at position 6: expected ')', got the end")]
    [InlineData("a IS 1", "at position 5: expected NULL, got '1'")]
    [InlineData("a IN 1", "at position 5: expected '(', got '1'")]
    [InlineData("a IN ()", "at position 6: expected a value, a property or '(', got ')'")]
    [InlineData("a = ; b", "at position 4: expected a value, a property or '(', got ';'")]
    [InlineData("a = #", "at position 4: expected a name, a value or an operator, got '#'")]
    [InlineData("a LIKE 'x' ESCAPE 'ab'", "at position 18: expected a string of one character after ESCAPE, got the string 'ab'")]
    [InlineData("other.a = 1", "at position 0: expected the scope sys or user, got 'other'")]
    [InlineData("a = @missing", "at position 4: expected a parameter with a value, got 'missing'")]
    [InlineData("a = 9223372036854775808", "at position 4: expected an integer of at most 64 bits, got '9223372036854775808'")]
    [InlineData("sum(a) = 1", "at position 0: expected one of the functions newid, property, p, EXISTS, or an operator, got 'sum'")]
    [InlineData("EXISTS(1)", "at position 7: expected a property, got '1'")]
    [InlineData("and = 1", "at position 0: expected a property, got 'and'")]
    [InlineData("[] = 1", "at position 0: expected a name, got an empty quoted identifier")]
    public void TryParseFilter_NotInTheGrammar_SaysWhereAndWhatWasExpected(string expression, string expected)
    {
        Assert.False(SqlParser.TryParseFilter(expression, new Dictionary<string, object>(), out _, out var error));
        Assert.Equal(expected, error.ToString());
    }

    [Fact]
    public void TryParseFilter_UnknownSystemProperty_NamesThoseThereAre()
    {
        Assert.False(SqlParser.TryParseFilter("sys.Colour = 1", new Dictionary<string, object>(), out _, out var error));
        Assert.StartsWith("at position 4: expected one of the system properties MessageId,", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TryParseFilter_LongestAndDeepest_EndThere()
    {
        var none = new Dictionary<string, object>();
        Assert.True(SqlParser.TryParseFilter("a" + string.Concat(Enumerable.Repeat("+a", 511)), none, out var chain, out _));
        Assert.False(new SqlEvaluator(Message()).IsTrue(chain));
        Assert.False(SqlParser.TryParseFilter(new string(' ', 1022) + "1=1", none, out _, out var tooLong));
        Assert.Equal("at position 1024: expected at most 1024 characters, got 1025", tooLong.ToString());
        Assert.True(SqlParser.TryParseFilter(new string('(', 32) + "1=1" + new string(')', 32), none, out _, out _));
        Assert.False(SqlParser.TryParseFilter(new string('(', 33) + "1=1" + new string(')', 33), none, out _, out var tooDeep));
        Assert.Equal("at position 33: expected at most 32 levels of nesting, got '1'", tooDeep.ToString());
        Assert.False(SqlParser.TryParseFilter(string.Concat(Enumerable.Repeat("NOT ", 255)) + "a", none, out _, out _));
        Assert.False(SqlParser.TryParseFilter(new string('-', 1000) + "a", none, out _, out _));
    }

    /// <summary>No input makes the parser throw: every prefix of a filter, and every single-character change.</summary>
    [Fact]
    public void TryParseFilter_EveryPrefixAndChange_NeverThrows()
    {
        const string Expression =
            "NOT (sys.Label LIKE 'a%' ESCAPE '!' AND [x y] IN (1, -2.5e3, @p) OR EXISTS(user.\"q\")) AND property('z') IS NOT NULL";
        var parameters = new Dictionary<string, object> { ["p"] = 1 };
        Assert.True(SqlParser.TryParseFilter(Expression, parameters, out _, out _));
        for (var length = 0; length < Expression.Length; length++)
        {
            SqlParser.TryParseFilter(Expression[..length], parameters, out _, out _);
            foreach (var unit in "'\"[]()@.;%-+*/=<>!,aN0 \uD800")
            {
                SqlParser.TryParseFilter(Expression[..length] + unit + Expression[(length + 1)..], parameters, out _, out _);
            }
        }
    }

    internal static RuleMessage Message() => new(Fields, Now, 42);

    internal static SqlNode Parse(string expression)
    {
        var parameters = new Dictionary<string, object> { ["@p"] = "blue", ["n"] = 5 };
        Assert.True(SqlParser.TryParseFilter(expression, parameters, out var filter, out var error), error?.ToString());
        return filter;
    }

    private static bool Evaluate(string expression)
    {
        var evaluator = new SqlEvaluator(Message());
        var holds = evaluator.IsTrue(Parse(expression));
        Assert.Null(evaluator.Fault);
        return holds;
    }
}

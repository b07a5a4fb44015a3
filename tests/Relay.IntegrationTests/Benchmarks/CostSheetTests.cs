using System.Globalization;
using System.Text.RegularExpressions;
using Relay.Benchmarks.Cost;
using Relay.Benchmarks.Shapes;

namespace Relay.IntegrationTests.Benchmarks;

/// <summary>What <c>bench cost</c> prints is what was counted, at the prices of the deployment's README.</summary>
public sealed partial class CostSheetTests
{
    private static readonly Shape OneNegotiation = new(ShapeStore.Memory, 1, 1, 1, ShapeOrder.Ordered, 1_000);

    [Fact]
    public void Rows_OfAThousandEnvelopes_AreScaledToAMillionAndPriced()
    {
        var bus = new BusCounts(Received: 1_100, Batches: 20, Completed: 1_100, Copies: 100, DeadLettered: 0, Sent: 1_000);
        var counted = new ShapeResult(OneNegotiation, Done: 1_000, Again: 0, Seconds: 10, 0, 0, 0, bus)
        {
            Store = new StoreCounts(Puts: 6_000, ConditionalPuts: 1_000, Refused: 0, Gets: 500, Deletes: 4_000, Lists: 0, 0, 0),
        };
        var sheet = new CostSheet(counted);
        var rows = sheet.Rows().ToDictionary(row => row.What);

        Assert.Equal((7_000_000, 43.75m), (rows["storage: writes"].Count, rows["storage: writes"].Dollars));
        Assert.Equal((4_000_000, 0m), (rows["storage: deletes"].Count, rows["storage: deletes"].Dollars));
        Assert.Equal((2_200_000, 1.76m), Of("bus, Standard: the relay receives and settles"));
        Assert.Equal((100_000, 0.08m), Of("bus, Standard: copies for later"));
        Assert.Equal((20_000, 0.008m), Of("functions: executions"));
        Assert.Equal(sheet.Relay, rows.Values.Sum(row => row.Dollars) - Of("vault: one mediator's signatures").Item2);

        (double, decimal) Of(string what) => (rows[what].Count, rows[what].Dollars);
    }

    [Fact]
    public async Task Prices_AreThoseOfTheDeploymentsReadme()
    {
        var readme = await File.ReadAllTextAsync(InRepository("infra/README.md"), TestContext.Current.CancellationToken);
        var named = PriceCell().Matches(readme).ToDictionary(match => match.Groups["name"].Value, static match => (
            Dollars: decimal.Parse(match.Groups["price"].Value, CultureInfo.InvariantCulture),
            IsConfirmed: !match.Groups["doubt"].Success));
        Assert.Contains(ListPrices.Date, readme, StringComparison.Ordinal);
        Assert.All(ListPrices.All, price => Assert.Equal((price.Dollars, price.IsConfirmed), named[price.Name]));
    }

    private static string InRepository(string path)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Relay.sln"))) folder = Path.GetDirectoryName(folder)!;
        return Path.Combine(folder, path);
    }

    [GeneratedRegex(@"\| `(?<name>p_\w+)`[^|]*\| (?<price>[0-9.]+) (?<doubt>\(\?\))?")]
    private static partial Regex PriceCell();
}

namespace Relay.Benchmarks.Cost;

/// <summary>
/// List prices in US dollars, pay as you go, US regions, without free grants, as the deployment's README has them; a test holds that the
/// two agree. Where Azure's pages show no number without a region, published estimates were taken.
/// </summary>
internal static class ListPrices
{
    /// <summary>When they were written down.</summary>
    public const string Date = "2026-11-25";

    /// <summary>Where they are to be looked up before anybody relies on a sum.</summary>
    public const string Source = "https://azure.microsoft.com/pricing/details/ service-bus, functions, storage/blobs, key-vault";

    /// <summary>Service Bus Standard, operations between 13 and 100 million a month. Premium counts none.</summary>
    public static readonly Price BusOperation = new("p_million_operations", 0.80m, 1_000_000, IsConfirmed: true);

    /// <summary>Flex Consumption, on demand.</summary>
    public static readonly Price ExecutionGigabyteSecond = new("p_execution_GBs", 0.000026m, 1, IsConfirmed: true);

    public static readonly Price Execution = new("p_million_executions", 0.40m, 1_000_000, IsConfirmed: true);

    /// <summary>Blobs, hot, ZRS. Listings cost as much; deletes nothing.</summary>
    public static readonly Price BlobWrite = new("p_10000_writes", 0.0625m, 10_000, IsConfirmed: false);

    public static readonly Price BlobRead = new("p_10000_reads", 0.005m, 10_000, IsConfirmed: false);

    public static readonly Price BlobGigabyteMonth = new("p_GB_month", 0.023m, 1, IsConfirmed: false);

    /// <summary>Key Vault, operations of EC keys.</summary>
    public static readonly Price VaultOperation = new("p_10000_operations", 0.15m, 10_000, IsConfirmed: true);

    public static IReadOnlyList<Price> All { get; } =
        [BusOperation, ExecutionGigabyteSecond, Execution, BlobWrite, BlobRead, BlobGigabyteMonth, VaultOperation];
}

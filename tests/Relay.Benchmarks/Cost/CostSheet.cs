using Relay.Benchmarks.Shapes;

namespace Relay.Benchmarks.Cost;

/// <summary>What a million envelopes of a shape cost, from the operations that were counted of fewer.</summary>
/// <param name="result">What was counted.</param>
internal sealed class CostSheet(ShapeResult result)
{
    private const double Million = 1_000_000;
    private const double Gigabyte = 1_000_000_000;

    /// <summary>
    /// Assumed: seconds of an execution, measured of batches of 72 in the cloud's stead with a store in a folder.
    /// </summary>
    public const double ExecutionSeconds = 0.12;

    /// <summary>Assumed: GB of an instance, the smaller of the two that the deployment offers.</summary>
    public const double InstanceGigabytes = 2;

    // Assumed: every addressee receives and completes its message, and none is over 64 KiB, which would count once more.
    private const double OperationsOfAddressee = 2;

    // By the clock, not by the envelope: a certificate lasts an hour and is renewed at half of it, and each of two keys,
    // the mediator's and the relay's own, is read again every five minutes.
    private const double VaultCallsAnHour = 2 + 2 * 12;

    /// <summary>The rows in the order to print: what, how many, how much.</summary>
    public IEnumerable<CostRow> Rows()
    {
        var (store, bus) = (result.Store, result.Bus);
        yield return Row("storage: writes", store.Writes, ListPrices.BlobWrite);
        yield return Row("storage: reads", store.Gets, ListPrices.BlobRead);
        yield return Row("storage: listings", store.Lists, ListPrices.BlobWrite);
        yield return Free("storage: deletes", store.Deletes);
        yield return Free("storage: bytes written", store.BytesPut);
        yield return Row("storage: GB kept, a month", result.BytesKept / Gigabyte, ListPrices.BlobGigabyteMonth);
        yield return Row("bus, Standard: producers send", result.Done, ListPrices.BusOperation);
        var taken = bus.Received + bus.Completed + bus.DeadLettered;
        yield return Row("bus, Standard: the relay receives and settles", taken, ListPrices.BusOperation);
        yield return Row("bus, Standard: copies for later", bus.Copies, ListPrices.BusOperation);
        yield return Row("bus, Standard: the relay sends to topics", bus.Sent, ListPrices.BusOperation);
        yield return Row("bus, Standard: addressees receive and complete", bus.Sent * OperationsOfAddressee, ListPrices.BusOperation);
        yield return Row("functions: executions", bus.Batches, ListPrices.Execution);
        yield return Row("functions: GB-s", bus.Batches * ExecutionSeconds * InstanceGigabytes, ListPrices.ExecutionGigabyteSecond);
        yield return OfTime("vault: the relay's certificates and key reads", VaultCallsAnHour);
        yield return Row("vault: one mediator's signatures", result.Done, ListPrices.VaultOperation);
    }

    /// <summary>Dollars of all rows but the mediator's, who pays for its own.</summary>
    public decimal Relay => Rows().SkipLast(1).Sum(static row => row.Dollars);

    private CostRow Row(string what, double count, Price price) => new(what, PerMillion(count), price.Of(PerMillion(count)));

    private CostRow OfTime(string what, double anHour)
    {
        var count = anHour * Million / result.PerSecond / TimeSpan.FromHours(1).TotalSeconds;
        return new CostRow(what, count, ListPrices.VaultOperation.Of(count));
    }

    private CostRow Free(string what, double count) => new(what, PerMillion(count), 0);

    private double PerMillion(double count) => count * Million / Math.Max(1, result.Done);
}

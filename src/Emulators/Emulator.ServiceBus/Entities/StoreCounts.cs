namespace Emulator.ServiceBus.Entities;

/// <summary>How many messages a store holds by state.</summary>
/// <param name="Active">Ready or locked.</param>
internal readonly record struct StoreCounts(int Active, int Deferred, int Scheduled)
{
    public StoreCounts Plus(StoreCounts other) => new(Active + other.Active, Deferred + other.Deferred, Scheduled + other.Scheduled);
}

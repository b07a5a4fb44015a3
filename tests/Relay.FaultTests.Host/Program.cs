using System.Globalization;
using Relay.Azure.Ledger;
using Relay.FaultTests.Host;

// Usage: race <folder> <times>. Prints "ready", starts at a line on standard input, prints its process id and what it did, twice a number.
if (args is not ["race", var folder, var timesText])
{
    Console.Error.WriteLine("expected: race <folder> <times>");
    return 2;
}

var times = int.Parse(timesText, CultureInfo.InvariantCulture);
var store = LedgerStores.OpenFolder(folder, TimeProvider.System);
Console.WriteLine("ready");
await Console.In.ReadLineAsync();
var claimed = await StoreRace.ClaimAsync(store, "slot", times, CancellationToken.None);
var counted = await StoreRace.CountAsync(store, "counter", times, CancellationToken.None);
Console.WriteLine($"{Environment.ProcessId} {claimed} {counted}");
return 0;

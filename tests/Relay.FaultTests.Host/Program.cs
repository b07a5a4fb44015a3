using System.Globalization;
using Relay.Azure.Ledger;
using Relay.FaultTests.Host;

// Usage, each runs until it is done, or killed:
//   race <folder> <times>       prints "ready", starts at a line on standard input, prints its process id and what it did, twice a number
//   functions <settings.json>   runs the function app with these settings, prints "ready", logs the process id of each worker, stops at the
// end of standard input
switch (args)
{
    case ["race", var folder, var timesText]:
        var times = int.Parse(timesText, CultureInfo.InvariantCulture);
        var store = LedgerStores.OpenFolder(folder, TimeProvider.System);
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
        var claimed = await StoreRace.ClaimAsync(store, "slot", times, CancellationToken.None);
        var counted = await StoreRace.CountAsync(store, "counter", times, CancellationToken.None);
        Console.WriteLine($"{Environment.ProcessId} {claimed} {counted}");
        return 0;
    case ["functions", var settings]:
        await FunctionApp.RunAsync(settings);
        return 0;
    default:
        Console.Error.WriteLine("expected: race <folder> <times>, or functions <settings.json>");
        return 2;
}

using Emulator.ServiceBus;
using Emulator.ServiceBus.Topology;

// Usage: <state folder, or "memory">. Prints the connection string, runs until standard input ends or somebody kills it.
var lockDuration = TimeSpan.FromMinutes(1);
await using var emulator = await ServiceBusEmulator.StartAsync(
    new ServiceBusEmulatorOptions
    {
        AmqpPort = 0,
        StateFolder = args[0] == "memory" ? null : args[0],
        Topology = new NamespaceTopology
        {
            Queues =
            [
                new QueueSettings { Name = "load", LockDuration = lockDuration, MaxDeliveryCount = 2000 },
                new QueueSettings { Name = "sessions", LockDuration = lockDuration, MaxDeliveryCount = 2000, RequiresSession = true },
                new QueueSettings { Name = "other", LockDuration = lockDuration, MaxDeliveryCount = 2000 },
            ],
        },
    },
    CancellationToken.None);
Console.WriteLine(emulator.ConnectionString);
await Console.In.ReadToEndAsync();

using System.Net.Sockets;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests;

/// <summary>Peers that do not speak AMQP, or stop half-way, while an honest client works.</summary>
public sealed class HostilePeerTests
{
    private const int Seed = 20261122;
    private const int Peers = 300;

    [Fact]
    public async Task ManyBrokenPeers_WhileAnHonestClientWorks_DisturbNothingAndLeaveNothing()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, Topology = SampleTopology.Create() },
            cancellation);
        var random = new Random(Seed);
        var sockets = new List<Socket>();
        try
        {
            for (var number = 0; number < Peers; number++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(emulator.AmqpEndpoint, cancellation);
                var bytes = (number % 4) switch
                {
                    0 => [],
                    1 => Noise(random),
                    2 => [.. "AMQP"u8, 0, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0],
                    _ => (byte[])[.. "AMQP"u8, 3, 1, 0, 0, 0, 0, 0],
                };
                if (bytes.Length > 0) await socket.SendAsync(bytes, cancellation);
            }

            var port = emulator.AmqpEndpoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var result = await NodeRunner.RunAsync(
                ["@azure/service-bus@7.9.5", "rhea@3.0.5"], "Node/rhea.mjs", ["127.0.0.1", port], null, cancellation);

            result.AssertSucceeded();
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        await TestDeadline.Until(() => emulator.Snapshot().Connections == 0, $"every connection is forgotten (seed {Seed})");
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(1, 4096)];
        random.NextBytes(bytes);
        return bytes;
    }
}

using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Relay.Testing;

namespace Emulator.Conformance.ServiceBus;

/// <summary>
/// The broker on a small file system of its own that is really full: clients are told
/// so, nothing they were promised is lost, and it goes on once there is space.
/// </summary>
public sealed class FullDiskTests
{
    private const string Queue = "load";
    private const int FileSystemMegabytes = 40;
    private const int FillerMegabytes = 16;
    private const int MessageBytes = 64 * 1024;

    // More than fit.
    private const int MostMessages = FileSystemMegabytes * 1024 * 1024 / MessageBytes;

    private static readonly ServiceBusClientOptions NoRetries = new()
    {
        RetryOptions = new ServiceBusRetryOptions { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(60) },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FullDisk_ClientsAreTold_NothingPromisedIsLostAndItRecovers(bool killed)
    {
        using var disk = SmallFileSystem.Mount(FileSystemMegabytes);
        var filler = Path.Combine(disk.Path, "filler");
        await File.WriteAllBytesAsync(filler, new byte[FillerMegabytes * 1024 * 1024], Cancel);
        var state = Path.Combine(disk.Path, "state");
        var fates = new MessageFates();
        var broker = await BrokerProcess.StartAsync(state);
        try
        {
            await using (var client = new ServiceBusClient(broker.ConnectionString, NoRetries))
            {
                var (sender, receiver) = (client.CreateSender(Queue), client.CreateReceiver(Queue));
                var refusal = await FillAsync(sender, fates);
                Assert.Equal(ServiceBusFailureReason.QuotaExceeded, refusal.Reason);
                Assert.Contains("stor", refusal.Message, StringComparison.OrdinalIgnoreCase);

                // What is there can be read; what would change it is refused, and the client is told, as long as the disk is full.
                var held = await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(30), Cancel);
                fates.OnDelivered(held);
                fates.OnAsked(held.MessageId, MessageFates.Ending.Completed);
                var unsettled = await Assert.ThrowsAsync<ServiceBusException>(() => receiver.CompleteMessageAsync(held, Cancel));
                Assert.Equal(ServiceBusFailureReason.QuotaExceeded, unsettled.Reason);
                if (!killed)
                {
                    File.Delete(filler);
                    await TestDeadline.Within(SendUntilAcceptedAsync(sender, fates));
                    fates.OnAsked(held.MessageId, MessageFates.Ending.Completed);
                    await receiver.CompleteMessageAsync(held, Cancel);
                    fates.OnConfirmed(held.MessageId, MessageFates.Ending.Completed);
                }
            }

            await broker.KillAsync();
            broker.Dispose();
            if (killed) File.Delete(filler);
            broker = await BrokerProcess.StartAsync(state);
            await using var again = new ServiceBusClient(broker.ConnectionString, NoRetries);
            Assert.Null(await SendAsync(again.CreateSender(Queue), fates, "in the end"));
            fates.Check(await QueueContents.PeekAllAsync(again.CreateReceiver(Queue)), []);
            Assert.True(fates.Violations.IsEmpty, string.Join('\n', fates.Violations.Take(20)));
            Assert.InRange(fates.Accepted, 50, MostMessages);
        }
        finally
        {
            await broker.KillAsync();
            broker.Dispose();
        }
    }

    /// <returns>What the client was told when no more went in.</returns>
    private static async Task<ServiceBusException> FillAsync(ServiceBusSender sender, MessageFates fates)
    {
        for (var number = 0; number < MostMessages; number++)
        {
            if (await SendAsync(sender, fates, $"m{number}") is { } refusal) return refusal;
        }

        throw new InvalidOperationException("everything went in: the disk was not full");
    }

    private static async Task SendUntilAcceptedAsync(ServiceBusSender sender, MessageFates fates)
    {
        while (await SendAsync(sender, fates, "after") is not null)
        {
        }
    }

    private static async Task<ServiceBusException?> SendAsync(ServiceBusSender sender, MessageFates fates, string name)
    {
        var message = fates.New($"{name}-{Guid.NewGuid():N}", MessageBytes);
        try
        {
            await sender.SendMessageAsync(message, Cancel);
            fates.OnAccepted(message.MessageId);
            return null;
        }
        catch (ServiceBusException refusal)
        {
            return refusal;
        }
    }

    /// <summary>A tmpfs of a few megabytes, which only root may mount.</summary>
    private sealed class SmallFileSystem : IDisposable
    {
        private readonly DirectoryInfo _folder;

        private SmallFileSystem(DirectoryInfo folder) => _folder = folder;

        public string Path => _folder.FullName;

        public static SmallFileSystem Mount(int megabytes)
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "A file system of a few megabytes is mounted on Linux only.");
            var folder = Directory.CreateTempSubdirectory("relay-full-");
            var (exitCode, error) = Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder.FullName);
            if (exitCode != 0) folder.Delete();
            Assert.SkipUnless(exitCode == 0, $"A small file system cannot be mounted, as only root may: {error.Trim()}");
            return new SmallFileSystem(folder);
        }

        public void Dispose()
        {
            // Lazily: a process that was just killed may have the files open for another moment.
            Run("umount", "--lazy", _folder.FullName);
            _folder.Delete(recursive: true);
        }

        private static (int ExitCode, string Error) Run(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, error);
        }
    }
}

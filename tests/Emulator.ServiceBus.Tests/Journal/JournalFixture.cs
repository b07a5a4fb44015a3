using Microsoft.Extensions.Logging.Abstractions;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Journal;

/// <summary>A state folder that goes away with the test, and engines opened on it.</summary>
internal sealed class JournalFixture : IDisposable
{
    public ManualTimeProvider Time { get; } = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("relay-journal-").FullName;

    public string File => Path.Combine(Folder, SqliteJournalFile.FileName);

    public NamespaceTopology Topology { get; init; } = new() { Queues = [new QueueSettings { Name = "q" }] };

    /// <summary>What stays in memory; null is the default.</summary>
    public ContentWindow? Window { get; set; }

    /// <param name="folder">Null is <see cref="Folder"/>.</param>
    /// <param name="start">Whether the journal writes already.</param>
    public Engine Open(string? folder = null, bool start = true)
    {
        var (entities, journal) = ServiceBusEmulator.Open(
            new ServiceBusEmulatorOptions
            {
                StateFolder = folder ?? Folder,
                Topology = Topology,
                TimeProvider = Time,
                Window = Window,
            }, NullLogger.Instance);
        if (start) journal!.Start();
        return new Engine(entities, journal!);
    }

    /// <summary>The files as a crash at this moment would leave them, in a folder of their own.</summary>
    public string Copy(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
        foreach (var ending in new[] { "", "-wal" })
        {
            System.IO.File.Copy(File + ending, Path.Combine(folder, SqliteJournalFile.FileName + ending));
        }

        return folder;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    internal sealed record Engine(NamespaceEntities Entities, SqliteJournal Journal) : IAsyncDisposable
    {
        public QueueEntity Queue => Entities.Queues[0];

        /// <summary>Whether the change was made and is on disk.</summary>
        public async Task<bool> StoredAsync(EntityOutcome outcome)
        {
            if (outcome.Fault != EntityFault.None) return false;
            var stored = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            Journal.WhenStored(outcome.JournalPosition, stored.SetResult);
            return await TestDeadline.Within(stored.Task);
        }

        public Task<bool> SendAsync(MessageContent content) => StoredAsync(Queue.Send([content], null));

        public List<MessageSnapshot> Peek() => Queue.Messages.Numbered.Peek(0, int.MaxValue, long.MaxValue, null);

        public async ValueTask DisposeAsync()
        {
            Entities.Dispose();
            await Journal.DisposeAsync();
        }
    }
}

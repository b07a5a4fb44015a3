using Microsoft.Extensions.Logging.Abstractions;
using Relay.Emulator.ServiceBus.Entities;
using Relay.Emulator.ServiceBus.Journal;
using Relay.Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Relay.Emulator.ServiceBus.Tests.Journal;

/// <summary>A state folder that goes away with the test, and engines opened on it.</summary>
internal sealed class JournalFixture : IDisposable
{
    public ManualTimeProvider Time { get; } = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory("relay-journal-").FullName;

    public string File => Path.Combine(Folder, SqliteJournalFile.FileName);

    public NamespaceTopology Topology { get; init; } = new() { Queues = [new QueueSettings { Name = "q" }] };

    public Engine Open(string? folder = null)
    {
        var (entities, journal) = ServiceBusEmulator.Open(
            new ServiceBusEmulatorOptions { StateFolder = folder ?? Folder, Topology = Topology, TimeProvider = Time }, NullLogger.Instance);
        journal!.Start();
        return new Engine(entities, journal);
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

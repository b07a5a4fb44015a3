using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <content>Changes of the store itself.</content>
internal sealed partial class MessageStore
{
    // Under the gate at a time: a delete of a large entity must not stop the rest of its domain.
    private const int PurgedAtOnce = 4096;

    // Scheduled messages that a look for the oldest passes before it gives up.
    private const int ScheduledPassed = 1000;

    /// <summary>Nothing may be recorded of it any more: its name may be somebody else's. Guarded by the gate.</summary>
    internal bool IsErased { get; private set; }

    /// <summary>When the oldest message that can be received, or is deferred, came; null when there is none near the front.</summary>
    internal DateTimeOffset? OldestEnqueuedTime()
    {
        lock (Domain.Gate)
        {
            return _index.From(0).Take(ScheduledPassed).FirstOrDefault(entry => entry.State != EntryState.Scheduled)?.EnqueuedTime;
        }
    }

    /// <summary>
    /// Other settings from now on: locks, expiries and counts already begun keep theirs until they are set anew. Called under the gate.
    /// </summary>
    /// <param name="settings">Same path and same choice of sessions.</param>
    internal void ReconfigureLocked(StoreSettings settings)
    {
        _settings = settings;

        // It may forward now, or no longer.
        PumpLocked();
    }

    /// <summary>Removes every message, whatever its state. The entity takes none any more.</summary>
    internal void Purge()
    {
        while (true)
        {
            lock (Domain.Gate)
            {
                var entries = _index.From(0).Take(PurgedAtOnce).ToList();
                foreach (var entry in entries)
                {
                    var wasReady = entry.State == EntryState.Ready;
                    RemoveLocked(entry);
                    if (wasReady) _dispatch.Forget(entry);
                }

                Domain.Commit();
                if (entries.Count < PurgedAtOnce) return;
            }
        }
    }

    /// <summary>At start: the store is not served, and what the journal holds of it stays. Called under the gate.</summary>
    internal void AbandonLocked()
    {
        IsErased = true;
        Domain.Bytes -= _index.From(0).Sum(entry => (long)entry.Size);
        Dispose();
    }

    /// <summary>
    /// The store is gone with everything that belongs to it: sessions, duplicate
    /// history, numbers. Called under the gate, after <see cref="Purge"/>.
    /// </summary>
    internal void EraseLocked()
    {
        Sessions?.ReleaseAllLocked();
        IsErased = true;
        Domain.Record(new JournalRecord(JournalRecordKind.StoreDeleted, Path, null));
    }
}

using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// What the stores of one queue, or of one topic and its subscriptions, share: a lock, a clock, a journal, a size. One domain is the unit
/// of atomicity: everything recorded while its gate is held is committed together.
/// </summary>
internal sealed class EntityDomain(
    TimeProvider time, IMessageCodec codec, IMessageJournal journal, long maxBytes, IDefinitionCodec? definitions = null)
{
    private static long _lastOrder;

    private readonly List<JournalRecord> _records = [];

    // Guards every store, receiver and history of the domain. Held for one
    // operation; no await inside, no callback out but IMessageConsumer.Wake.
    public Lock Gate { get; } = new();

    /// <summary>Where it stands among all domains when several gates are entered.</summary>
    public long Order { get; } = Interlocked.Increment(ref _lastOrder);

    public TimeProvider Time { get; } = time;

    /// <summary>Moves messages on to other entities; null where nothing is forwarded.</summary>
    public Forwarding? Forwarding { get; init; }

    public IMessageCodec Codec { get; } = codec;

    public IMessageJournal Journal { get; } = journal;

    /// <summary>Bytes held in all stores. Guarded by the gate.</summary>
    public long Bytes { get; set; }

    /// <summary>Quota over all stores. Guarded by the gate.</summary>
    public long MaxBytes { get; set; } = maxBytes;

    public static long Megabytes(int count) => count * 1024L * 1024L;

    public bool HasRoomFor(long bytes) => MaxBytes - Bytes >= bytes;

    public bool HasRoomFor(ReadOnlySpan<MessageContent> messages)
    {
        var room = MaxBytes - Bytes;
        foreach (var message in messages)
        {
            room -= message.Size;
        }

        return room >= 0;
    }

    /// <summary>Checks and stores what is sent to an entity of the domain, all of it or nothing, as one operation.</summary>
    public EntityOutcome Send(ISendTarget target, ReadOnlySpan<MessageContent> messages, List<long>? sequenceNumbers)
    {
        lock (Gate)
        {
            var fault = target.CheckLocked(messages);
            if (fault == EntityFault.None && Journal.IsFailing) fault = EntityFault.StorageFailed;
            if (fault == EntityFault.None && !HasRoomFor(messages)) fault = EntityFault.QuotaExceeded;
            if (fault != EntityFault.None) return EntityOutcome.Failed(fault);
            target.SendLocked(messages, sequenceNumbers);
            return Commit();
        }
    }

    public void Record(in JournalRecord record) => _records.Add(record);

    /// <summary>Records what an entity is from now on, so that a restart finds it so. Called under the gate.</summary>
    public void Define(IEntity entity)
    {
        if (definitions is null) return;
        Record(new JournalRecord(JournalRecordKind.Defined, entity.Path, null, State: definitions.Encode(entity.Define(isDeleted: false))));
    }

    /// <summary>
    /// Records an entity that begins. What the journal may hold besides messages
    /// of one of that name that is no longer declared (numbers, duplicate
    /// history, session states) is not its own. Called under the gate.
    /// </summary>
    public void Begin(IEntity entity)
    {
        if (definitions is null) return;
        foreach (var store in entity.Stores)
        {
            Record(new JournalRecord(JournalRecordKind.StoreDeleted, store.Path, null));
        }

        Define(entity);
    }

    /// <summary>
    /// Records that an entity is gone. One that the topology declares leaves
    /// a note, or a restart would bring it back. Called under the gate.
    /// </summary>
    public void Undefine(IEntity entity)
    {
        if (definitions is null) return;

        // Not a conditional expression: null as an array becomes an empty memory, and that is stored.
        ReadOnlyMemory<byte>? note = null;
        if (entity.Origin.Declared is not null) note = definitions.Encode(entity.Define(isDeleted: true));
        Record(new JournalRecord(JournalRecordKind.Defined, entity.Path, null, State: note));
    }

    /// <summary>Takes what was recorded since the last commit, for one append with other domains' records. Called under the gate.</summary>
    public void TakeRecords(List<JournalRecord> records)
    {
        records.AddRange(_records);
        _records.Clear();
    }

    /// <summary>Hands records to the journal. Called under the gates of all domains they are of.</summary>
    public static EntityOutcome Append(IMessageJournal journal, List<JournalRecord> records)
    {
        if (records.Count == 0) return default;
        var position = journal.Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(records));
        foreach (var record in records)
        {
            // The journal has it from here on.
            if (record.Entry is { IsCold: true } entry) entry.Content = null;
        }

        records.Clear();
        return new EntityOutcome(EntityFault.None, position);
    }

    /// <summary>
    /// Hands what was recorded since the last commit to the journal. Called under the gate, at the end of each operation.
    /// </summary>
    public EntityOutcome Commit() => Append(Journal, _records);
}

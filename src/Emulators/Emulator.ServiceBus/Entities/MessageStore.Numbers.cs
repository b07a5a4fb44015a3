using Emulator.ServiceBus.Journal;

namespace Emulator.ServiceBus.Entities;

/// <content>Sequence numbers without messages.</content>
internal sealed partial class MessageStore
{
    /// <summary>Takes numbers for messages that may come later, or never.</summary>
    /// <param name="count">How many.</param>
    /// <param name="numbers">Takes them.</param>
    public EntityOutcome ReserveNumbers(int count, List<long> numbers)
    {
        lock (Domain.Gate)
        {
            if (Domain.Journal.IsFailing) return EntityOutcome.Failed(EntityFault.StorageFailed);
            while (count-- > 0) numbers.Add(SkipNumberLocked());
            return Domain.Commit();
        }
    }

    /// <summary>Takes a number without a message, for a duplicate that is accepted and dropped.</summary>
    public long SkipNumberLocked()
    {
        Domain.Record(new JournalRecord(JournalRecordKind.NumberTaken, Path, null, Number: ++_lastSequenceNumber));
        return _lastSequenceNumber;
    }
}

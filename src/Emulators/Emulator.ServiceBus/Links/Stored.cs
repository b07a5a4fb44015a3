using Emulator.Amqp.Framing;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;

namespace Emulator.ServiceBus.Links;

/// <summary>Answers only after what is answered for is stored.</summary>
internal static class Stored
{
    /// <summary>Calls <paramref name="answer"/> with the error to report, null when all is well and stored.</summary>
    public static void Then(IMessageJournal journal, EntityOutcome outcome, string path, Action<AmqpError?> answer)
    {
        if (outcome.Fault != EntityFault.None)
        {
            answer(ServiceBusCondition.Of(outcome.Fault, path));
        }
        else if (journal.IsStored(outcome.JournalPosition))
        {
            answer(null);
        }
        else
        {
            journal.WhenStored(
                outcome.JournalPosition, stored => answer(stored ? null : ServiceBusCondition.Of(EntityFault.StorageFailed, path)));
        }
    }
}

namespace Emulator.ServiceBus.Entities;

/// <summary>What became of a change.</summary>
/// <param name="Fault"><see cref="EntityFault.None"/> when it was made.</param>
/// <param name="JournalPosition">What the journal must have stored before a peer is told so.</param>
internal readonly record struct EntityOutcome(EntityFault Fault, long JournalPosition)
{
    public static EntityOutcome Failed(EntityFault fault) => new(fault, 0);
}

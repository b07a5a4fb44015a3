using Microsoft.Extensions.Logging;
using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;

namespace Emulator.ServiceBus.Links;

/// <summary>What every connection of a namespace shares.</summary>
/// <param name="Time">Clock of the entities; tests move it.</param>
/// <param name="TransportTime">Clock of what clients wait for on the wire, always the real one.</param>
/// <param name="IsBusy">Says for one call whether it is refused as by a namespace that is being throttled.</param>
internal sealed record BrokerContext(
    NamespaceEntities Entities,
    IMessageJournal Journal,
    TokenValidator Tokens,
    TimeProvider Time,
    TimeProvider TransportTime,
    ILogger Logger,
    int MaxMessageBytes,
    BrokerCounters Counters,
    Func<bool> IsBusy);

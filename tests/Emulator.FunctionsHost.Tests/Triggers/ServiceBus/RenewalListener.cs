using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Triggers.ServiceBus;

/// <summary>Sees the renewals of locks that the client library has done in this process, by what the library tells of itself.</summary>
internal sealed class RenewalListener : EventListener
{
    // Tokens of the renewals that have begun, and of those that are done.
    private readonly ConcurrentDictionary<string, bool> _begun = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _done = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Of renewals that have begun by now nothing is seen any more.</summary>
    public void Forget()
    {
        _begun.Clear();
        _done.Clear();
    }

    public Task SeenAsync(string lockToken) => TestDeadline.Until(() => _done.ContainsKey(lockToken), $"a renewal of {lockToken}");

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Azure-Messaging-ServiceBus") EnableEvents(eventSource, EventLevel.Informational);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        var name = eventData.EventName ?? "";
        foreach (var token in eventData.Payload?.OfType<string>() ?? [])
        {
            if (name.StartsWith("RenewMessageLockStart", StringComparison.Ordinal)) _begun[token] = true;
            if (name.StartsWith("RenewMessageLockComplete", StringComparison.Ordinal) && _begun.ContainsKey(token)) _done[token] = true;
        }
    }
}

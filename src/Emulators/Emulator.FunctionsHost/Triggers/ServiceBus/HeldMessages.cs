using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Azure.Messaging.ServiceBus;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>
/// The messages and sessions of the invocations that run, by lock token
/// and session id: all that names them in the worker's settlement calls.
/// Thread-safe; what is put in is taken out when the invocation has ended, so a call that comes later finds nothing.
/// </summary>
internal sealed class HeldMessages
{
    private readonly ConcurrentDictionary<string, (ServiceBusReceivedMessage Message, IMessageSettler Settler)> _messages = new(
        StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ISessionHolder> _sessions = new(StringComparer.Ordinal);

    public void Add(ServiceBusReceivedMessage message, IMessageSettler settler) => _messages[message.LockToken] = (message, settler);

    public void Remove(ServiceBusReceivedMessage message) => _messages.TryRemove(message.LockToken, out _);

    public void Add(string sessionId, ISessionHolder session) => _sessions[sessionId] = session;

    // Only its own: where several messages of a session are handled at once, each brings the holder along.
    public void Remove(string sessionId, ISessionHolder session) => _sessions.TryRemove(KeyValuePair.Create(sessionId, session));

    public bool TryGet(
        string lockToken, [NotNullWhen(true)] out ServiceBusReceivedMessage? message, [NotNullWhen(true)] out IMessageSettler? settler)
    {
        var found = _messages.TryGetValue(lockToken, out var held);
        (message, settler) = held;
        return found;
    }

    public bool TryGetSession(string sessionId, [NotNullWhen(true)] out ISessionHolder? session) =>
        _sessions.TryGetValue(sessionId, out session);
}

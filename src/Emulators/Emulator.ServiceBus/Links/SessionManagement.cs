using Emulator.Amqp.Types;
using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Links;

/// <summary>The session operations of <c>$management</c>.</summary>
internal static class SessionManagement
{
    private const int MaxListed = 1000;

    /// <summary>Runs a session operation.</summary>
    /// <param name="operation">Name without <c>com.microsoft:</c>.</param>
    /// <param name="sessions">The entity's sessions.</param>
    /// <param name="request">The request.</param>
    /// <param name="outcome">What went wrong, or what must be stored before the answer is given.</param>
    /// <returns>The encoded answer; null when the operation is none of these, an argument is missing, or a fault is reported.</returns>
    public static byte[]? Answer(string operation, SessionDispatch sessions, NodeRequest request, out EntityOutcome outcome)
    {
        outcome = default;
        EntityFault fault;
        var arguments = request.Arguments;
        if (operation == "get-message-sessions") return List(sessions, request);
        if (!arguments.TryGet<string>("session-id", out var id)) return null;
        switch (operation)
        {
            case "renew-session-lock":
                fault = sessions.Renew(id, out var until);
                outcome = EntityOutcome.Failed(fault);
                return fault == EntityFault.None ? ManagementReply.Ok(request, new AmqpMap { { "expiration", until.UtcDateTime } }) : null;
            case "get-session-state":
                fault = sessions.TryGetState(id, out var state);
                outcome = EntityOutcome.Failed(fault);
                return fault == EntityFault.None ? ManagementReply.Ok(request, new AmqpMap { { "session-state", state } }) : null;
            case "set-session-state":
                outcome = sessions.SetState(id, StateOf(arguments));
                return outcome.Fault == EntityFault.None ? ManagementReply.Ok(request) : null;
            default:
                return null;
        }
    }

    /// <summary>The state to set: absent and null both clear it. A copy, because the request's buffer holds more than the state.</summary>
    public static ReadOnlyMemory<byte>? StateOf(AmqpMap arguments) =>
        arguments.TryGet<ReadOnlyMemory<byte>>("session-state", out var bytes)
            ? new ReadOnlyMemory<byte>(bytes.ToArray())
            : default(ReadOnlyMemory<byte>?);

    private static byte[] List(SessionDispatch sessions, NodeRequest request)
    {
        var arguments = request.Arguments;
        arguments.TryGetInteger("skip", out var skip);
        var since = arguments.TryGet<DateTime>("last-updated-time", out var time)
            ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc))
            : default;
        if (!arguments.TryGetInteger("top", out var top)) top = MaxListed;
        var ids = sessions.List(since, (int)Math.Clamp(skip, 0, int.MaxValue), (int)Math.Clamp(top, 0, MaxListed));
        if (ids.Count == 0) return ManagementReply.NoContent(request);
        return ManagementReply.Ok(
            request, new AmqpMap { { "skip", (int)Math.Clamp(skip, 0, int.MaxValue) + ids.Count }, { "sessions-ids", ids.ToArray() } });
    }
}

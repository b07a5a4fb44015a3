using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Settling;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>The session of an invocation's messages, by the host: it holds the session's lock.</summary>
[InputConverter(typeof(ServiceBusSessionMessageActionsConverter))]
public class ServiceBusSessionMessageActions
{
    private readonly Settling.Settlement.SettlementClient? _settlement;
    private readonly string _sessionId = "";

    internal ServiceBusSessionMessageActions(Settling.Settlement.SettlementClient settlement, string sessionId, DateTimeOffset sessionLockedUntil)
    {
        _settlement = settlement;
        _sessionId = sessionId;
        SessionLockedUntil = sessionLockedUntil;
    }

    /// <summary>For fakes that override what they need.</summary>
    protected ServiceBusSessionMessageActions()
    {
    }

    public virtual DateTimeOffset SessionLockedUntil { get; protected set; }

    private Settling.Settlement.SettlementClient Host =>
        _settlement ?? throw new InvalidOperationException("Only a host has a session: a fake overrides the member.");

    /// <returns>Empty data where the session has no state.</returns>
    public virtual async Task<BinaryData> GetSessionStateAsync(CancellationToken cancellationToken = default)
    {
        var answer = await Host.GetSessionStateAsync(new() { SessionId = _sessionId }, cancellationToken: cancellationToken).ConfigureAwait(false);
        return BinaryData.FromBytes(answer.SessionState.Memory);
    }

    public virtual async Task SetSessionStateAsync(BinaryData sessionState, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessionState);
        var request = new SetSessionStateRequest { SessionId = _sessionId, SessionState = Google.Protobuf.ByteString.CopyFrom(sessionState.ToMemory().Span) };
        await Host.SetSessionStateAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

#pragma warning disable VSTHRD200 // The official name has no Async suffix.
    public virtual async Task ReleaseSession(CancellationToken cancellationToken = default) =>
        await Host.ReleaseSessionAsync(new() { SessionId = _sessionId }, cancellationToken: cancellationToken).ConfigureAwait(false);
#pragma warning restore VSTHRD200

    public virtual async Task RenewSessionLockAsync(CancellationToken cancellationToken = default)
    {
        var answer = await Host.RenewSessionLockAsync(new() { SessionId = _sessionId }, cancellationToken: cancellationToken).ConfigureAwait(false);
        SessionLockedUntil = answer.LockedUntil.ToDateTimeOffset();
    }
}

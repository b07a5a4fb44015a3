using Azure.Messaging.ServiceBus;
using Emulator.FunctionsHost.Protocol;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using RpcException = Grpc.Core.RpcException;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>
/// What the worker's <c>ServiceBusMessageActions</c> call: settles held
/// messages at the bus. A token that is not held is FailedPrecondition; what
/// the client library throws is Unknown, with its whole text, as the Service Bus extension answers.
/// </summary>
internal sealed class SettlementService(HeldMessages held) : Settlement.SettlementBase
{
    public override Task<Empty> Complete(CompleteRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, (message, settler) => settler.CompleteAsync(message, context.CancellationToken));

    public override Task<Empty> Abandon(AbandonRequest request, ServerCallContext context) => SettleAsync(
        request.Locktoken,
        (message, settler) => settler.AbandonAsync(message, PropertyMap.Decode(request.PropertiesToModify), context.CancellationToken));

    public override Task<Empty> Defer(DeferRequest request, ServerCallContext context) => SettleAsync(
        request.Locktoken,
        (message, settler) => settler.DeferAsync(message, PropertyMap.Decode(request.PropertiesToModify), context.CancellationToken));

    public override Task<Empty> Deadletter(DeadletterRequest request, ServerCallContext context) => SettleAsync(
        request.Locktoken,
        (message, settler) => settler.DeadLetterAsync(
            message,
            PropertyMap.Decode(request.PropertiesToModify),
            request.DeadletterReason,
            request.DeadletterErrorDescription,
            context.CancellationToken));

    public override Task<Empty> RenewMessageLock(RenewMessageLockRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, (message, settler) => settler.RenewLockAsync(message, context.CancellationToken));

    public override Task<GetSessionStateResponse> GetSessionState(GetSessionStateRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, async session =>
        {
            var state = await session.GetStateAsync(context.CancellationToken).ConfigureAwait(false);
            return new GetSessionStateResponse
            {
                SessionState = state is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(state.ToMemory()),
            };
        });

    public override Task<Empty> SetSessionState(SetSessionStateRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, async session =>
        {
            await session.SetStateAsync(BinaryData.FromBytes(request.SessionState.Memory), context.CancellationToken).ConfigureAwait(false);
            return new Empty();
        });

    public override Task<Empty> ReleaseSession(ReleaseSessionRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, session =>
        {
            session.Release();
            return Task.FromResult(new Empty());
        });

    public override Task<RenewSessionLockResponse> RenewSessionLock(RenewSessionLockRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, async session =>
        {
            var until = await session.RenewLockAsync(context.CancellationToken).ConfigureAwait(false);
            return new RenewSessionLockResponse { LockedUntil = Timestamp.FromDateTimeOffset(until) };
        });

    private async Task<Empty> SettleAsync(string lockToken, Func<ServiceBusReceivedMessage, IMessageSettler, Task> settle)
    {
        if (!held.TryGet(lockToken, out var message, out var settler)) throw NotHeld($"LockToken {lockToken} not found.");
        await GuardAsync(async () =>
        {
            await settle(message, settler).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        return new Empty();
    }

    private Task<T> InSessionAsync<T>(string sessionId, Func<ISessionHolder, Task<T>> act) =>
        held.TryGetSession(sessionId, out var session)
            ? GuardAsync(() => act(session))
            : throw NotHeld($"SessionId {sessionId} not found.");

    private static async Task<T> GuardAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Unknown, exception.ToString()));
        }
    }

    private static RpcException NotHeld(string text) => new(new Status(StatusCode.FailedPrecondition, text));
}

using System.Collections.Concurrent;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Worker;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using RpcException = Emulator.FunctionsHost.Protocol.RpcException;

namespace Emulator.FunctionsHost.Tests.Worker;

/// <summary>
/// A worker inside the test: speaks the protocol over a real stream, and answers as the genuine one does unless the test says otherwise.
/// For what a genuine worker does too seldom or never, and for what only the wire shows.
/// </summary>
internal sealed class ScriptedWorker : IWorkerProcess
{
    private static readonly Method<StreamingMessage, StreamingMessage> EventStream = new(
        MethodType.DuplexStreaming, "AzureFunctionsRpcMessages.FunctionRpc", "EventStream", Codec(StreamingMessage.Parser), Codec(StreamingMessage.Parser));

    private readonly ScriptedWorkers _owner;
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<StreamingMessage, StreamingMessage> _call;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly TaskCompletionSource<WorkerExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;

    public ScriptedWorker(ScriptedWorkers owner, Uri grpc, string workerId, int number)
    {
        _owner = owner;
        Address = grpc;
        WorkerId = workerId;
        Id = number;
        _channel = GrpcChannel.ForAddress(grpc, new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });
        _call = _channel.CreateCallInvoker().AsyncDuplexStreamingCall(EventStream, null, default(CallOptions));
        _serving = ServeAsync();
    }

    /// <summary>1 for the first that a host started, and so on.</summary>
    public int Id { get; }

    public string WorkerId { get; }

    /// <summary>Where the host listens for workers.</summary>
    public Uri Address { get; }

    public Task<WorkerExit> Exited => _exited.Task;

    /// <summary>All that the host has sent, in order.</summary>
    public ConcurrentQueue<StreamingMessage> Received { get; } = [];

    public IEnumerable<InvocationRequest> Invocations => Received.Select(message => message.InvocationRequest).Where(
        invocation => invocation is not null);

    /// <summary>Calls another service of the host, as the worker's extensions do.</summary>
    public async Task<TResponse> CallAsync<TRequest, TResponse>(string service, string name, TRequest request)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        var method = new Method<TRequest, TResponse>(
            MethodType.Unary, service, name, Codec(new MessageParser<TRequest>(static () => new TRequest())), Codec(new MessageParser<TResponse>(static () => new TResponse())));
        using var call = _channel.CreateCallInvoker().AsyncUnaryCall(method, null, default, request);
        return await call;
    }

    public async Task SendAsync(StreamingMessage message)
    {
        await _writing.WaitAsync();
        try
        {
            await _call.RequestStream.WriteAsync(message);
        }
        finally
        {
            _writing.Release();
        }
    }

    public Task SucceedAsync(InvocationRequest invocation) => SendAsync(
        Response(invocation, new StatusResult { Status = StatusResult.Types.Status.Success }));

    public Task FailAsync(InvocationRequest invocation, RpcException exception) =>
        SendAsync(Response(invocation, new StatusResult { Status = StatusResult.Types.Status.Failure, Exception = exception }));

    /// <summary>Ends as a process does: its stream breaks, and it has a code.</summary>
    public void Exit(int code, string lastErrors = "")
    {
        _call.Dispose();
        _exited.TrySetResult(new WorkerExit(code, lastErrors));
    }

    public void Kill() => Exit(137);

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _serving;
        _channel.Dispose();
    }

    /// <summary>What the genuine worker answers; null for what it does not.</summary>
    public StreamingMessage? Usual(StreamingMessage request)
    {
        var success = new StatusResult { Status = StatusResult.Types.Status.Success };
        var answer = new StreamingMessage { RequestId = request.RequestId };
        switch (request.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.WorkerInitRequest:
                answer.WorkerInitResponse = new WorkerInitResponse { Result = success, Capabilities = { ["HandlesInvocationCancelMessage"] = "True" } };
                return answer;
            case StreamingMessage.ContentOneofCase.FunctionsMetadataRequest:
                answer.FunctionMetadataResponse = new FunctionMetadataResponse
                {
                    Result = success,
                    FunctionMetadataResults = { _owner.Functions },
                };
                return answer;
            case StreamingMessage.ContentOneofCase.FunctionLoadRequest:
                answer.FunctionLoadResponse = new FunctionLoadResponse
                {
                    FunctionId = request.FunctionLoadRequest.FunctionId,
                    Result = success,
                };
                return answer;
            case StreamingMessage.ContentOneofCase.InvocationRequest:
                return Response(request.InvocationRequest, success);
            case StreamingMessage.ContentOneofCase.InvocationCancel or StreamingMessage.ContentOneofCase.WorkerTerminate:
                return answer;
            default:
                return null;
        }
    }

    private static StreamingMessage Response(InvocationRequest invocation, StatusResult result) =>
        new() { InvocationResponse = new InvocationResponse { InvocationId = invocation.InvocationId, Result = result } };

    private async Task ServeAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await SendAsync(new StreamingMessage { StartStream = new StartStream { WorkerId = _owner.Calls(WorkerId) } });
            while (await _call.ResponseStream.MoveNext(CancellationToken.None))
            {
                var message = _call.ResponseStream.Current;
                Received.Enqueue(message);
                if (await _owner.Script(this, message) is { } answer) await SendAsync(answer);
                if (message.WorkerTerminate is not null && !_owner.IgnoresTerminate) Exit(0);
            }
        }
        catch (Exception exception)
            when (exception is Grpc.Core.RpcException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The host let go of it, or the test ended it.
        }
    }

    private static Marshaller<T> Codec<T>(MessageParser<T> parser)
        where T : IMessage<T> => Marshallers.Create(message => message.ToByteArray(), parser.ParseFrom);
}

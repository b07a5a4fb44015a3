using System.Collections.Concurrent;
using Emulator.FunctionsHost.Diagnostics;
using Emulator.FunctionsHost.Protocol;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Emulator.FunctionsHost.Worker;

/// <summary>Takes the streams of workers that are expected, each by the id it was started with; nobody else knows one.</summary>
internal sealed class FunctionRpcService(ILogger<FunctionRpcService> logger, TimeProvider time) : FunctionRpc.FunctionRpcBase
{
    private static readonly TimeSpan FirstMessageLimit = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, WorkerChannel> _expected = new(StringComparer.Ordinal);

    public void Expect(WorkerChannel channel) => _expected[channel.WorkerId] = channel;

    public void Forget(WorkerChannel channel) => _expected.TryRemove(channel.WorkerId, out _);

    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        if (!await HasFirstAsync(requestStream, context.CancellationToken).ConfigureAwait(false)) return;

        // Taken out: a second stream of the same worker is nobody's.
        if (requestStream.Current.StartStream is not { } start || !_expected.TryRemove(start.WorkerId, out var channel))
        {
            HostLog.StreamRefused(logger);
            return;
        }

        await channel.RunAsync(requestStream, responseStream, context.CancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> HasFirstAsync(IAsyncStreamReader<StreamingMessage> stream, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(FirstMessageLimit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await stream.MoveNext(linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            return false;
        }
    }
}

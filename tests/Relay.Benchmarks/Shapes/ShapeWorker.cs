using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Benchmarks.Ledger;
using Relay.Core;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Store;
using Relay.Core.Rulings;
using Relay.Core.Settlement;
using Relay.Core.Verification;

namespace Relay.Benchmarks.Shapes;

/// <summary>
/// A worker as the function app composes it, over ports in this process: takes batches, has each message relayed, settles it by its ruling.
/// </summary>
internal sealed class ShapeWorker : IAsyncDisposable
{
    /// <summary>As <c>host.json</c> has it.</summary>
    private const int MostAtOnce = 128;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ServiceProvider _services;
    private readonly RelayPipeline _pipeline;
    private readonly SettlementPolicy _policy;
    private readonly ShapeBus _bus;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _run;

    public ShapeWorker(ILedgerStore store, ShapeDirectory directory, BenchVault vault, ShapeBus bus)
    {
        _bus = bus;
        _services = new ServiceCollection()
            .AddLogging(static logging => logging.SetMinimumLevel(LogLevel.None))
            .AddSingleton<IDirectoryDocumentSource>(directory)
            .AddSingleton<IPublicKeySource>(directory)
            .AddSingleton<IEnvelopeForwarder>(bus)
            .AddSingleton(store)
            .AddSingleton<ICheckpointCertifier>(vault)
            .AddSingleton<ILedgerSignals>(new NoSignals())
            .AddRelayCore(new ConfigurationBuilder().Build())
            .BuildServiceProvider();
        _pipeline = _services.GetRequiredService<RelayPipeline>();
        _policy = _services.GetRequiredService<SettlementPolicy>();
        _run = RunAsync(_stopping.Token);
    }

    /// <summary>The commits' own work that no message waits for is done once it returns.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _run;
        _stopping.Dispose();
        await _services.DisposeAsync();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            List<ShapeMessage> messages;
            try
            {
                messages = await _bus.TakeAsync(MostAtOnce, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.WhenAll(Begin(messages));
        }
    }

    private List<Task> Begin(List<ShapeMessage> messages)
    {
        using var gathering = new CommitGathering();
        return [.. messages.Select(message => ProcessAsync(message, gathering))];
    }

    private async Task ProcessAsync(ShapeMessage message, CommitGathering gathering)
    {
        var ruling = await _pipeline.RelayAsync(message.Body, null, Patience, gathering, CancellationToken.None);
        var plan = _policy.Plan(ruling, message.Attempt);
        switch (plan.Settlement)
        {
            case SettlementAction.Complete:
                _bus.Completed();
                break;
            case SettlementAction.Retry:
            case SettlementAction.Postpone:
                _bus.Copy(message with { Attempt = plan.CopyAttempt, DueAt = plan.CopyAt });
                _bus.Completed();
                break;
            case SettlementAction.DeadLetter:
                _bus.DeadLettered();
                break;
            case SettlementAction.Abandon:
                _bus.Add(message);
                break;
        }
    }
}

using Relay.Cli.Targets;
using Relay.Local;

namespace Relay.Cli.Demo;

/// <summary>
/// The cast and the script of a demo on a stack of its own, made while the stack's function app starts: neither needs it. The owner
/// disposes it.
/// </summary>
/// <param name="stateFolder">The stack's.</param>
/// <param name="negotiation">The stack's.</param>
/// <param name="count">Genuine envelopes.</param>
internal sealed class DemoStage(string stateFolder, string negotiation, int count, TimeProvider time, IProgress<string> progress)
    : IDisposable
{
    private Cast? _cast;
    private DemoScript? _script;

    /// <summary>Who takes part. Of a stack that has started.</summary>
    public Cast Cast => _cast ?? throw new InvalidOperationException("Expected a started stack, got none.");

    /// <summary>What is sent. Of a stack that has started.</summary>
    public DemoScript Script => _script ?? throw new InvalidOperationException("Expected a started stack, got none.");

    /// <summary>For <see cref="LocalStackOptions.BesideAppStart"/>.</summary>
    public async Task SetAsync(LocalEndpoints endpoints, CancellationToken cancellationToken)
    {
        var vault = LocalVault.Open(endpoints, "relay-demo", time);
        _cast = await Cast.GatherAsync(stateFolder, negotiation, vault, LedgerTarget.Local, time, cancellationToken);
        _script = await DemoScript.WriteAsync(_cast, stateFolder, count, time, progress, cancellationToken);
    }

    public void Dispose() => _cast?.Dispose();
}

using Microsoft.Extensions.Hosting;

namespace Emulator.FunctionsHost.Diagnostics;

/// <summary>The process's signals belong to whoever runs the host.</summary>
internal sealed class EmbeddedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

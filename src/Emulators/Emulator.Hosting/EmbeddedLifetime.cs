using Microsoft.Extensions.Hosting;

namespace Emulator.Hosting;

/// <summary>
/// The default one takes SIGTERM and Ctrl-C from the process it is a guest in: those belong to whoever runs the emulator.
/// </summary>
internal sealed class EmbeddedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Relay.Testing;

/// <summary>
/// One Azurite for all tests of an assembly (an assembly fixture), on a free
/// port, in memory. Skips the test that asks for it where it cannot run.
/// </summary>
public sealed partial class Azurite : IAsyncDisposable
{
    // Node 20 is the oldest in use; newer versions of Azurite want Node 22.
    private static readonly string[] Packages = ["azurite@3.35.0"];

    private readonly SemaphoreSlim _starting = new(1, 1);
    private Process? _process;
    private Uri? _endpoint;

    /// <summary>Connection string of the well-known development account on it; starts it when it does not run yet.</summary>
    public async Task<string> ConnectionStringAsync() =>
        $"AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint={await EndpointAsync()}devstoreaccount1";

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _starting.Dispose();
    }

    [GeneratedRegex(@"Blob service successfully listens on (http://\S+)")]
    private static partial Regex Listening();

    private async Task<Uri> EndpointAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        await _starting.WaitAsync(cancel);
        try
        {
            if (_endpoint is not null) return _endpoint;
            var folder = await NodeRunner.InstallAsync(Packages, cancel);
            var script = Path.Combine(folder, "node_modules", "azurite", "dist", "src", "blob", "main.js");
            _process = await NodeRunner.StartAsync(
                Packages,
                script,
                ["--inMemoryPersistence", "--blobHost", "127.0.0.1", "--blobPort", "0", "--disableTelemetry"],
                null,
                cancel);
            while (await TestDeadline.Within(_process.StandardOutput.ReadLineAsync(cancel).AsTask()) is { } line)
            {
                if (Listening().Match(line) is not { Success: true } match) continue;

                // Its log of requests has to be read, or it stops when the pipe is full.
                _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                _ = _process.StandardError.ReadToEndAsync(CancellationToken.None);
                return _endpoint = new Uri(match.Groups[1].Value + "/");
            }

            Assert.Fail("Azurite ended without listening: " + await _process.StandardError.ReadToEndAsync(cancel));
            throw new InvalidOperationException();
        }
        finally
        {
            _starting.Release();
        }
    }
}

using System.Collections.Concurrent;
using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Judging;
using Relay.LyingRelay.Lies;
using Relay.LyingRelay.Serving;
using Relay.Testing;

namespace Relay.LyingRelay.Tests;

/// <summary>Every lie told once, when it is first asked for.</summary>
public sealed class Trials : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<LieKind, IReadOnlyList<Word>> _words = new();

    // One lie at a time: the server tells one.
    private readonly SemaphoreSlim _one = new(1);
    private Company _company = null!;
    private LogServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _company = await Company.CreateAsync(Path.Combine(_folder.Path, "company"));
        _server = await LogServer.StartAsync();
    }

    internal async Task<IReadOnlyList<Word>> WordsAsync(LieKind kind)
    {
        await _one.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_words.TryGetValue(kind, out var said)) return said;
            var folder = Path.Combine(_folder.Path, kind.ToString());
            return _words[kind] = await Trial.RunAsync(_company, _server, LieTable.Rows[kind], folder);
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _company.Dispose();
        _one.Dispose();
        _folder.Dispose();
    }
}

using Relay.Infra.Tests.Bicep;

namespace Relay.Infra.Tests.Compiler;

/// <summary>One compiler for all tests of a class, and folders of variants of the files below infra for it.</summary>
public sealed class CompilerFixture : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("relay-bicep-");
    private BicepSession? _session;

    public void Dispose()
    {
        _session?.Dispose();
        _gate.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>The values that the interpreter works with, so that both work out the same.</summary>
    internal static async Task<Dictionary<string, string>> EnvironmentAsync(CancellationToken cancellationToken) =>
        (await InfraSources.ProductionVariablesAsync(cancellationToken)).ToDictionary(name => name, BicepFunctions.EnvironmentValue);

    internal async Task<BicepSession> SessionAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _session ??= BicepSession.Start(
                await BicepCompiler.FindAsync(cancellationToken), await EnvironmentAsync(cancellationToken));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Writes files into a folder of their own, and returns it.</summary>
    internal string Write(IReadOnlyDictionary<string, string> texts)
    {
        var root = _folder.CreateSubdirectory(Guid.NewGuid().ToString("n")).FullName;
        foreach (var (path, text) in texts)
        {
            var target = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllText(target, text);
        }

        return root;
    }
}

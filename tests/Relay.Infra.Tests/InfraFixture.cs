using System.Collections.Concurrent;
using Relay.Infra.Tests;
using Relay.Infra.Tests.Bicep;
using Relay.Infra.Tests.Checks;

[assembly: AssemblyFixture(typeof(InfraFixture))]

namespace Relay.Infra.Tests;

/// <summary>The files below infra, parsed once for all tests, together with every planted mistake's variant.</summary>
public sealed class InfraFixture : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Dictionary<string, BicepFile>? _files;
    private Dictionary<string, BicepFile> _variants = [];

    // A planted mistake changes one file of many: what the others say of themselves is worked out once.
    private readonly ConcurrentDictionary<BicepFile, List<Mistake>> _alone = [];

    internal Dictionary<string, string> Texts { get; } = InfraSources.Read();

    public void Dispose() => _gate.Dispose();

    /// <summary>Every Bicep file by path.</summary>
    internal async Task<IReadOnlyDictionary<string, BicepFile>> FilesAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_files is null)
            {
                var originals = Texts.Where(file => !file.Key.EndsWith(".json", StringComparison.Ordinal))
                    .Select(file => (file.Key, file.Value))
                    .ToList();
                var planted = PlantedMistake.All.Concat(PlantedMistake.Widened)
                    .Where(mistake => !mistake.File.EndsWith(".json", StringComparison.Ordinal))
                    .ToList();
                var parsed = await InfraSources.ParseAsync(
                    [.. originals, .. planted.Select(mistake => (mistake.File, mistake.Plant(Texts)))], cancellationToken);
                _variants = planted.Zip(parsed.Skip(originals.Count)).ToDictionary(pair => pair.First.Name, pair => pair.Second);
                _files = parsed.Take(originals.Count).ToDictionary(file => file.Path);
            }

            return _files;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Every Bicep file by path, one of them with the mistake in it.</summary>
    internal async Task<IReadOnlyDictionary<string, BicepFile>> FilesAsync(PlantedMistake mistake, CancellationToken cancellationToken)
    {
        var files = await FilesAsync(cancellationToken);
        return new Dictionary<string, BicepFile>(files) { [mistake.File] = _variants[mistake.Name] };
    }

    /// <summary>What a stage's parameter file deploys; fails the test when any of it cannot be worked out.</summary>
    internal BicepProgram Deploy(IReadOnlyDictionary<string, BicepFile> files, string stage)
    {
        var program = BicepProgram.Deploy(files, Texts, $"parameters/{stage}.bicepparam");
        Assert.Empty(program.Mistakes);
        return program;
    }

    /// <summary>Runs every check over files and over what prod and dev deploy.</summary>
    internal List<Mistake> Check(IReadOnlyDictionary<string, BicepFile> files)
    {
        var mistakes = files.Values.SelectMany(file => _alone.GetOrAdd(file, Alone).Concat(ModuleChecks.Check(files, file))).ToList();
        if (mistakes.Count == 0)
        {
            mistakes.AddRange(Deployments(files).SelectMany(DeploymentChecks.Check));
        }

        return mistakes.Distinct().ToList();
    }

    /// <summary>What the parameter files deploy, and what the longest names allowed would.</summary>
    internal IEnumerable<BicepProgram> Deployments(IReadOnlyDictionary<string, BicepFile> files)
    {
        foreach (var parameters in files.Keys.Where(path => path.EndsWith(".bicepparam", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            yield return BicepProgram.Deploy(files, Texts, parameters);
        }

        yield return LongestNames.Deploy(files, Texts);
    }

    private static List<Mistake> Alone(BicepFile file) =>
        NameChecks.Check(file).Concat(ResourceChecks.Check(file)).Concat(SecretChecks.Check(file)).ToList();
}

using System.Diagnostics;

namespace Relay.Infra.Tests.Compiler;

/// <summary>The Bicep compiler's own opinion, of the files and of the checks that the other tests make without it.</summary>
public sealed class CompilerTests(InfraFixture infra, CompilerFixture compiler) : IClassFixture<CompilerFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Planted => new(PlantedMistake.All.Select(mistake => mistake.Name));

    public static TheoryData<string> Widened => new(PlantedMistake.Widened.Select(widened => widened.Name));

    [Theory]
    [InlineData("build", "main.bicep")]
    [InlineData("lint", "main.bicep")]
    [InlineData("build-params", "parameters/dev.bicepparam")]
    [InlineData("build-params", "parameters/prod.bicepparam")]
    public async Task Bicep_File_HasNoErrorAndNoWarning(string command, string file)
    {
        string[] output = command == "lint" ? [] : ["--stdout"];
        var start = new ProcessStartInfo(
            await BicepCompiler.FindAsync(Cancel), [command, Path.Combine(InfraSources.Infra, file), .. output]);
        foreach (var (name, value) in await CompilerFixture.EnvironmentAsync(Cancel))
        {
            start.Environment[name] = value;
        }

        var (exitCode, _, errors) = await BicepCompiler.RunAsync(start, Cancel);
        // Warnings go to the error stream too and leave the exit code at 0.
        Assert.Equal("", errors);
        Assert.Equal(0, exitCode);
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public async Task Snapshot_OfAStage_IsWhatTheInterpreterWorksOut(string stage)
    {
        var session = await compiler.SessionAsync(Cancel);
        // The one thing that a snapshot leaves open and the interpreter does not: which
        // cloud it is. The linter is against writing that down, hence its defaults.
        var texts = infra.Texts.Where(file => file.Key != "bicepconfig.json")
            .ToDictionary(
                file => file.Key,
                file => file.Value.Replace("environment().suffixes.storage", "'core.windows.net'", StringComparison.Ordinal));
        var snapshot = await session.SnapshotAsync(Path.Combine(compiler.Write(texts), "parameters", $"{stage}.bicepparam"), Cancel);
        var program = infra.Deploy(await infra.FilesAsync(Cancel), stage);
        var (expected, actual) = (DeployedResource.Of(snapshot), DeployedResource.Of(program));
        var differ = actual.Except(expected)
            .Select(text => $"interpreter: {text}")
            .Concat(expected.Except(actual).Select(text => $"compiler: {text}"))
            .ToList();
        Assert.True(differ.Count == 0, string.Join("\n\n", differ));
        Assert.Equal(expected.Count, actual.Count);
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public async Task Compile_PlantedMistake_IsFoundByTheSameRuleOrIsOneThatTheCompilerCannotKnow(string name)
    {
        var planted = PlantedMistake.All.Single(mistake => mistake.Name == name);
        var session = await compiler.SessionAsync(Cancel);
        var diagnostics = await session.CompileAsync(Write(planted), Cancel);
        var codes = diagnostics.Select(diagnostic => diagnostic.Code).Distinct().ToList();
        Assert.True(
            planted.Compiler is null ? codes.Count == 0 : codes.Contains(planted.Compiler),
            $"expected {planted.Compiler ?? "nothing"}, got:\n{string.Join('\n', diagnostics)}");
    }

    // The table's tests are worth something only if what they plant would be deployed as it stands.
    [Theory]
    [MemberData(nameof(Widened))]
    public async Task Compile_WidenedGrant_IsNothingToTheCompiler(string name)
    {
        var widened = PlantedMistake.Widened.Single(mistake => mistake.Name == name);
        var session = await compiler.SessionAsync(Cancel);
        Assert.DoesNotContain(await session.CompileAsync(Write(widened), Cancel), diagnostic => diagnostic.Level == "Error");
    }

    // The file with the mistake alone, which is compiled with what it uses but not with what uses it.
    private string Write(PlantedMistake mistake) =>
        Path.Combine(
            compiler.Write(new Dictionary<string, string>(infra.Texts) { [mistake.File] = mistake.Plant(infra.Texts) }), mistake.File);
}

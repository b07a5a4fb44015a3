using System.Text.Json;
using System.Text.RegularExpressions;
using Relay.Infra.Tests.Bicep;

namespace Relay.Infra.Tests;

/// <summary>Finds the repository's files, and has Node parse many of them in one run.</summary>
internal static partial class InfraSources
{
    // Exact versions. web-tree-sitter runs the grammar's WebAssembly, so nothing native is needed on any platform.
    private static readonly string[] Packages = ["tree-sitter-bicep@1.1.0", "web-tree-sitter@0.25.10", "yaml@2.8.1"];

    public static string Root { get; } = FindRoot();

    public static string Infra { get; } = Path.Combine(Root, "infra");

    /// <summary>Every .bicep, .bicepparam and .json file below infra, by path with slashes.</summary>
    public static Dictionary<string, string> Read() =>
        Directory.EnumerateFiles(Infra, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetExtension(path) is ".bicep" or ".bicepparam" or ".json")
            .ToDictionary(path => Path.GetRelativePath(Infra, path).Replace('\\', '/'), File.ReadAllText);

    /// <summary>Parses Bicep sources; the result is in the order given.</summary>
    public static async Task<IReadOnlyList<BicepFile>> ParseAsync(
        IReadOnlyList<(string Path, string Text)> sources, CancellationToken cancellationToken)
    {
        using var parsed = await RunAsync(sources, cancellationToken);
        return parsed.RootElement.EnumerateArray()
            .Select((item, i) => BicepFile.From(sources[i].Path, ReadNode(item.GetProperty("root"), sources[i].Text)))
            .ToList();
    }

    /// <summary>Parses one YAML file; fails the test on any error or warning.</summary>
    public static async Task<JsonElement> ParseYamlAsync(string relativePath, CancellationToken cancellationToken)
    {
        using var parsed = await RunAsync(
            [(relativePath, await File.ReadAllTextAsync(Path.Combine(Root, relativePath), cancellationToken))], cancellationToken);
        var file = parsed.RootElement[0];
        Assert.True(file.GetProperty("errors").GetArrayLength() == 0, $"{relativePath}: {file.GetProperty("errors")}");
        return file.GetProperty("value").Clone();
    }

    /// <summary>The environment variables that production's parameter file reads.</summary>
    public static async Task<IReadOnlyList<string>> ProductionVariablesAsync(CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Infra, "parameters", "prod.bicepparam"), cancellationToken);
        return Variable().Matches(text).Select(match => match.Groups[1].Value).ToList();
    }

    private static async Task<JsonDocument> RunAsync(IReadOnlyList<(string Path, string Text)> sources, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("relay-infra-");
        try
        {
            var input = Path.Combine(folder.FullName, "input.json");
            var output = Path.Combine(folder.FullName, "output.json");
            await File.WriteAllTextAsync(
                input,
                JsonSerializer.Serialize(sources.Select(source => new { path = source.Path, text = source.Text })),
                cancellationToken);
            (await NodeRunner.RunAsync(Packages, "Bicep/parse.mjs", [input, output], null, cancellationToken)).AssertSucceeded();
            // The depth of a parse tree is the depth of the source's nesting, several levels for each.
            return JsonDocument.Parse(await File.ReadAllBytesAsync(output, cancellationToken), new JsonDocumentOptions { MaxDepth = 1024 });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static BicepNode ReadNode(JsonElement json, string source) => BicepPrecedence.Correct(new BicepNode
    {
        Type = json.GetProperty("t").GetString()!,
        Field = json.TryGetProperty("f", out var field) ? field.GetString() : null,
        IsNamed = json.TryGetProperty("n", out _),
        IsError = json.TryGetProperty("x", out _),
        Start = json.GetProperty("s").GetInt32(),
        End = json.GetProperty("e").GetInt32(),
        Source = source,
        Children = json.TryGetProperty("c", out var children)
            ? children.EnumerateArray().Select(child => ReadNode(child, source)).ToList()
            : [],
    });

    [GeneratedRegex(@"readEnvironmentVariable\('(\w+)'\)")]
    private static partial Regex Variable();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Relay.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"Relay.sln was not found above {AppContext.BaseDirectory}.");
    }
}

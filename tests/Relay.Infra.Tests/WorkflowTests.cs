using System.Text.Json;
using System.Text.RegularExpressions;

namespace Relay.Infra.Tests;

/// <summary>
/// The workflows by the rules of GitHub's syntax that they use, and some
/// of our own: every action pinned, no secret, no more rights than needed.
/// </summary>
public sealed partial class WorkflowTests
{
    private static readonly string[] Top = ["name", "on", "permissions", "concurrency", "env", "defaults", "jobs"];
    private static readonly string[] Job =
    [
        "name", "needs", "if", "runs-on", "environment", "permissions", "concurrency", "outputs", "env", "strategy", "timeout-minutes",
        "steps",
    ];
    private static readonly string[] Step = ["name", "id", "if", "uses", "with", "run", "env", "shell", "working-directory"];
    private static readonly string[] Events = ["push", "pull_request", "workflow_dispatch", "schedule"];
    private static readonly string[] Contexts = ["github", "matrix", "vars", "steps", "needs", "env"];

    /// <summary>What each pinned commit is: looked up when it was pinned, so that a changed pin is a decision.</summary>
    private static readonly Dictionary<string, string> Pins = new()
    {
        ["actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"] = "v4.2.2",
        ["actions/setup-dotnet@67a3573c9a986a3f9c594539f4ab511d57bb3ce9"] = "v4.3.1",
        ["actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020"] = "v4.4.0",
        ["actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02"] = "v4.6.2",
        ["azure/login@a457da9ea143d694b1b9c7c869ebb04ebe844ef5"] = "v2.3.0",
    };

    [Theory]
    [InlineData("ci.yml")]
    [InlineData("deploy.yml")]
    public async Task Workflow_RepositoryFile_IsValid(string file)
    {
        var workflow = await InfraSources.ParseYamlAsync($".github/workflows/{file}", TestContext.Current.CancellationToken);
        Assert.Empty(Check(workflow));
    }

    [Theory]
    [InlineData("ci.yml")]
    [InlineData("deploy.yml")]
    public async Task Workflow_CommentsOfPins_NameTheVersion(string file)
    {
        var lines = await File.ReadAllLinesAsync(
            Path.Combine(InfraSources.Root, ".github", "workflows", file), TestContext.Current.CancellationToken);
        var uses = lines.Where(line => line.Contains("uses:", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(uses);
        Assert.All(uses, line => Assert.EndsWith($"# {Pins[line.Split("uses:")[1].Split('#')[0].Trim()]}", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Workflow_EveryFile_IsChecked() =>
        Assert.Equal(
            ["ci.yml", "deploy.yml"],
            Directory.EnumerateFiles(Path.Combine(InfraSources.Root, ".github", "workflows"))
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("an unknown section", """ "on": { "push": {} }, "permissions": { "contents": "read" }, "job": {}""", "'job'")]
    [InlineData(
        "no permissions",
        """ "on": { "push": {} }, "jobs": { "a": { "runs-on": "ubuntu-latest", "timeout-minutes": 5, "steps": [ { "run": "true" } ] } }""",
        "permissions")]
    [InlineData("all permissions", """ "on": { "push": {} }, "permissions": "write-all", "jobs": { "a": { "runs-on": "ubuntu-latest", "timeout-minutes": 5, "steps": [ { "run": "true" } ] } }""", "permissions")]
    [InlineData("a dangerous event", """ "on": { "pull_request_target": {} }, "permissions": { "contents": "read" }, "jobs": { "a": { "runs-on": "ubuntu-latest", "timeout-minutes": 5, "steps": [ { "run": "true" } ] } }""", "pull_request_target")]
    [InlineData("a tag instead of a commit", """ "on": { "push": {} }, "permissions": { "contents": "read" }, "jobs": { "a": { "runs-on": "ubuntu-latest", "timeout-minutes": 5, "steps": [ { "uses": "actions/checkout@v4" } ] } }""", "actions/checkout@v4")]
    [InlineData("an unknown commit", """ "on": { "push": {} }, "permissions": { "contents": "read" }, "jobs": { "a": { "runs-on": "ubuntu-latest", "timeout-minutes": 5, "steps": [ { "uses": "actions/checkout@0000000000000000000000000000000000000000" } ] } }""", "actions/checkout@0")]
    [InlineData("needs nobody", """ "on": { "push": {} }, "permissions": { "contents": "read" }, "jobs": { "a": { "needs": "b", "runs-on": "ubuntu-latest", "timeout-minutes": 5, "steps": [ { "run": "true" } ] } }""", "'b'")]
    [InlineData("a step that does two things", """ "on": { "push": {} }, "permissions": { "contents": "read" }, "jobs": { "a": { "runs-on": "ubuntu-latest", "timeout-minutes": 5, "steps": [ { "run": "true", "uses": "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683" } ] } }""", "either")]
    [InlineData("an expression in a script", """ "on": { "push": {} }, "permissions": { "contents": "read" }, "jobs": { "a": { "runs-on": "ubuntu-latest", "timeout-minutes": 5, "steps": [ { "run": "echo ${{ github.event.pull_request.title }}" } ] } }""", "expression")]
    [InlineData("a secret", """ "on": { "push": {} }, "permissions": { "contents": "read" }, "jobs": { "a": { "runs-on": "ubuntu-latest", "timeout-minutes": 5, "steps": [ { "run": "true", "env": { "X": "${{ secrets.X }}" } } ] } }""", "secrets")]
    [InlineData("no time limit", """ "on": { "push": {} }, "permissions": { "contents": "read" }, "jobs": { "a": { "runs-on": "ubuntu-latest", "steps": [ { "run": "true" } ] } }""", "timeout")]
    [InlineData("a token without login", """ "on": { "push": {} }, "permissions": { "contents": "read" }, "jobs": { "a": { "runs-on": "ubuntu-latest", "timeout-minutes": 5, "permissions": { "id-token": "write" }, "steps": [ { "run": "true" } ] } }""", "id-token")]
    public void Workflow_Mistake_IsFound(string what, string members, string named)
    {
        using var workflow = JsonDocument.Parse($"{{ {members} }}");
        var mistakes = Check(workflow.RootElement);
        Assert.True(
            mistakes.Any(mistake => mistake.Contains(named, StringComparison.Ordinal)),
            $"{what}: expected '{named}' in: {string.Join("; ", mistakes)}");
    }

    [Fact]
    public async Task Deploy_JobsThatReadProductionsParameters_GetItsVariables()
    {
        var workflow = await InfraSources.ParseYamlAsync(".github/workflows/deploy.yml", TestContext.Current.CancellationToken);
        var variables = await InfraSources.ProductionVariablesAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(variables);
        foreach (var job in (string[])["validate", "what-if", "deploy"])
        {
            Assert.Empty(variables.Except(Names(workflow.GetProperty("jobs").GetProperty(job).GetProperty("env"))));
        }
    }

    [Fact]
    public async Task AzureYaml_PointsToTheAppAndTheTemplate()
    {
        var azure = await InfraSources.ParseYamlAsync("infra/azure.yaml", TestContext.Current.CancellationToken);
        var service = azure.GetProperty("services").GetProperty("relay");
        Assert.True(Directory.Exists(Path.Combine(InfraSources.Infra, service.GetProperty("project").GetString()!)));
        Assert.Equal("function", service.GetProperty("host").GetString());
        var provider = azure.GetProperty("infra");
        Assert.True(
            File.Exists(
                Path.Combine(
                    InfraSources.Infra, provider.GetProperty("path").GetString()!, $"{provider.GetProperty("module").GetString()}.bicep")));
        Assert.Contains(
            "'azd-service-name': 'relay'",
            await File.ReadAllTextAsync(Path.Combine(InfraSources.Infra, "main.bicep"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    private static List<string> Check(JsonElement workflow)
    {
        var mistakes = new List<string>();
        mistakes.AddRange(Names(workflow).Except(Top).Select(name => $"'{name}' is not a section"));
        if (workflow.TryGetProperty("on", out var on))
        {
            mistakes.AddRange(Names(on).Except(Events).Select(name => $"event '{name}' is none that these workflows may use"));
        }
        else
        {
            mistakes.Add("there is no 'on'");
        }

        if (!workflow.TryGetProperty("permissions", out var permissions)
            || permissions.ValueKind != JsonValueKind.Object
            || permissions.EnumerateObject().Any(permission => permission.Value.GetString() != "read"))
        {
            mistakes.Add("permissions of the workflow must be named, and read only: jobs ask for more");
        }

        if (!workflow.TryGetProperty("jobs", out var jobs))
        {
            return [.. mistakes, "there are no jobs"];
        }

        foreach (var job in jobs.EnumerateObject())
        {
            mistakes.AddRange(CheckJob(jobs, job.Value).Select(mistake => $"{job.Name}: {mistake}"));
        }

        foreach (Match expression in Expression().Matches(workflow.GetRawText()))
        {
            var context = expression.Groups[1].Value;
            if (!Contexts.Contains(context))
            {
                mistakes.Add($"expression '{expression.Value}' reads {context}");
            }
        }

        return mistakes;
    }

    private static IEnumerable<string> CheckJob(JsonElement jobs, JsonElement job)
    {
        foreach (var name in Names(job).Except(Job))
        {
            yield return $"'{name}' is not a member of a job";
        }

        if (!job.TryGetProperty("runs-on", out _) || !job.TryGetProperty("timeout-minutes", out _))
        {
            yield return "a job needs runs-on and timeout-minutes";
        }

        if (job.TryGetProperty("needs", out var needs))
        {
            foreach (var need in (
                needs.ValueKind == JsonValueKind.Array ? needs.EnumerateArray().ToArray() : [needs])
                .Where(need => !jobs.TryGetProperty(need.GetString()!, out _)))
            {
                yield return $"needs '{need}', which is no job";
            }
        }

        var steps = job.TryGetProperty("steps", out var given) ? given.EnumerateArray().ToList() : [];
        var logsIn = steps.Any(
            step => step.TryGetProperty("uses", out var uses) && uses.GetString()!.StartsWith("azure/login@", StringComparison.Ordinal));
        var asksForToken = job.TryGetProperty("permissions", out var permissions) && permissions.TryGetProperty("id-token", out _);
        if (logsIn != asksForToken)
        {
            yield return "id-token is for jobs that log in, and they need it";
        }

        foreach (var mistake in steps.SelectMany(CheckStep))
        {
            yield return mistake;
        }
    }

    private static IEnumerable<string> CheckStep(JsonElement step)
    {
        foreach (var name in Names(step).Except(Step))
        {
            yield return $"'{name}' is not a member of a step";
        }

        if (step.TryGetProperty("uses", out var uses) == step.TryGetProperty("run", out var run))
        {
            yield return "a step has either uses or run";
        }

        if (uses.ValueKind == JsonValueKind.String && !Pins.ContainsKey(uses.GetString()!))
        {
            yield return $"'{uses}' is not one of the pinned commits";
        }

        // What an expression brings into a script is run as script.
        if (run.ValueKind == JsonValueKind.String && run.GetString()!.Contains("${{", StringComparison.Ordinal))
        {
            yield return "an expression stands in a script: pass it through env";
        }
    }

    private static IEnumerable<string> Names(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().Select(member => member.Name) : [];

    [GeneratedRegex(@"\$\{\{\s*([a-z]+)\b[^}]*\}\}")]
    private static partial Regex Expression();
}

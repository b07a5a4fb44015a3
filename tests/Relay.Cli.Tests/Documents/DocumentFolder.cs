using System.Text.Json;
using Relay.Testing;

namespace Relay.Cli.Tests.Documents;

/// <summary>A folder as a reader's is: a stack runs on its <c>.relay</c>, and what one command makes is there for the next.</summary>
internal sealed class DocumentFolder : IAsyncDisposable
{
    // No such top-level domain will ever be (RFC 6761 section 6.4): whoever connects learns so at once.
    private static readonly (string Variable, string Value)[] Deployment =
    [
        ("$BUS", "ns.relay.invalid"),
        ("$VAULT_URI", "https://kv.relay.invalid/"),
        ("$APP_URI", "https://app.relay.invalid"),
        ("$DIRECTORY", "https://account.relay.invalid/directory"),
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly RunningStack _stack;

    private DocumentFolder(TemporaryFolder folder, RunningStack stack)
    {
        _folder = folder;
        _stack = stack;
    }

    public string Root => _folder.Path;

    public string State => _stack.State;

    /// <summary>Starts the stack, which is the documents' <c>relay up</c> on free ports.</summary>
    public static async Task<DocumentFolder> CreateAsync()
    {
        var folder = new TemporaryFolder();
        return new DocumentFolder(folder, await RunningStack.StartAsync(Path.Combine(folder.Path, ".relay"), null));
    }

    /// <summary>A command line with the variables of a deployment that nobody can reach.</summary>
    public static string[] Fill(string line) =>
        [
            .. DocumentedCommands.Words(line).Select(
                static word =>
                    Deployment.Aggregate(word, static (text, pair) => text.Replace(pair.Variable, pair.Value, StringComparison.Ordinal))),
        ];

    /// <summary>True for a line that speaks of a deployment.</summary>
    public static bool IsDeployed(string line) => Deployment.Any(pair => line.Contains(pair.Variable, StringComparison.Ordinal));

    public Task<RelayRun> RunAsync(params string[] words) => RelayProgram.RunAsync(Root, null, words);

    /// <summary>Runs it, which must succeed.</summary>
    public async Task<string> SucceedAsync(params string[] words)
    {
        var run = await RunAsync(words);
        Assert.True(run.ExitCode == 0, $"relay {string.Join(' ', words)} exited with {run.ExitCode}: {run.Errors}{run.Output}");
        return run.Output;
    }

    /// <summary>Starts one that does not end by itself, waits until it prints <paramref name="sign"/> and ends it.</summary>
    public async Task StartAsync(string sign, params string[] words)
    {
        using var process = RelayProgram.Start(Root, null, words);
        var errors = process.StandardError;
        var said = new List<string>();
        try
        {
            while (await TestDeadline.Within(errors.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()) is { } line)
            {
                if (line.Contains(sign, StringComparison.Ordinal)) return;
                said.Add(line);
            }

            // The stream ends a moment before the process does.
            await TestDeadline.Within(process.WaitForExitAsync(TestContext.Current.CancellationToken));
            Assert.Fail($"relay {string.Join(' ', words)} ended with {process.ExitCode} before it said: {sign}, and said: {string.Join('\n', said)}");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>
    /// As the deployment's document has it: the mediators' keys of the local document moved to the vault of the deployment.
    /// </summary>
    public async Task MoveKeysAsync()
    {
        using var endpoints = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(State, "endpoints.json"), TestContext.Current.CancellationToken));
        var path = Path.Combine(State, "directory", "doha-2026.json");
        var document = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var moved = document.Replace(
            endpoints.RootElement.GetProperty("vault").GetString()!, Deployment[1].Value, StringComparison.Ordinal);
        Assert.NotEqual(document, moved);
        await File.WriteAllTextAsync(path, moved, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stack.DisposeAsync();
        _folder.Dispose();
    }
}

using System.Globalization;
using Relay.Local;
using Relay.Testing;

namespace Relay.Cli.Tests.Slips;

/// <summary>One stack for all tests of slips on one.</summary>
[CollectionDefinition(StackOfSlips.Collection)]
public sealed class StackOfSlipsCollection : ICollectionFixture<StackOfSlips>;

/// <summary>A stack that slips are made on, in a folder whose name a shell takes apart unless it is quoted.</summary>
public sealed class StackOfSlips : IAsyncLifetime
{
    /// <summary>Of the tests that share one.</summary>
    public const string Collection = "stack of slips";

    private readonly TemporaryFolder _folder = new();

    /// <summary>Not the stack's state folder: where commands are typed.</summary>
    public string Root => _folder.Path;

    public RunningStack Stack { get; private set; } = null!;

    public LocalEndpoints Endpoints { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Stack = await RunningStack.StartAsync(Path.Combine(_folder.Path, "it's my state"), null);
        Endpoints = LocalEndpoints.TryRead(Stack.State)!;
        _folder.Write("empty.txt", "");
        _folder.Write("note.txt", "hello");
        await SucceedAsync("sign", "--from", "us", "--to", "iran", "--text", "Good morning", "--out", PathOf("first.json"));
        await File.WriteAllBytesAsync(
            PathOf("marked.json"),
            [0xef, 0xbb, 0xbf, .. await File.ReadAllBytesAsync(PathOf("first.json"), CancellationToken.None)],
            CancellationToken.None);
        File.Copy(LocalCertificates.ClientPath(Stack.State, "us"), PathOf("client.pem"));
        var document = await File.ReadAllTextAsync(Path.Combine(Stack.State, "directory", "doha-2026.json"), CancellationToken.None);
        await File.WriteAllTextAsync(PathOf("utf16.json"), document, System.Text.Encoding.Unicode, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Stack.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Runs it on the stack's state folder, in this process.</summary>
    public Task<RelayRun> RunAsync(params string[] words) => RecordingTerminal.RunOnceAsync([.. words, "--state", Stack.State]);

    /// <summary>Runs it on the stack's state folder, as a process of its own.</summary>
    public Task<RelayRun> RunApartAsync(IReadOnlyDictionary<string, string>? environment, string[] words) => RelayProgram.RunAsync(
        Root, environment, [.. words, "--state", Stack.State]);

    /// <summary>Runs it on the stack's state folder, where it must succeed.</summary>
    public async Task<string> SucceedAsync(params string[] words)
    {
        var run = await RunAsync(words);
        Assert.True(run.ExitCode == 0, $"relay {string.Join(' ', words)} exited with {run.ExitCode}: {run.Errors}{run.Output}");
        return run.Output;
    }

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>
    /// Puts in what <c>{name}</c> stands for: <c>{http}</c>, <c>{https}</c>, <c>{vault}</c> and <c>{process}</c> of the stack, everything
    /// else is a file.
    /// </summary>
    public string Fill(string name) => name switch
    {
        "http" => Endpoints.Http.AbsoluteUri,
        "https" => Endpoints.Https.AbsoluteUri,
        "vault" => Endpoints.Vault.AbsoluteUri,
        "process" => Stack.ProcessId.ToString(CultureInfo.InvariantCulture),
        _ => PathOf(name),
    };
}

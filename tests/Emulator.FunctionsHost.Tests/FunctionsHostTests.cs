using Emulator.FunctionsHost.Tests.Worker;
using Microsoft.Extensions.Logging;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests;

/// <summary>Folders, files and settings, right and wrong.</summary>
public sealed class FunctionsHostTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_WrongSettingsAndHostJson_AreReportedAtOnce()
    {
        var test = new TestHost { LocalSettingsPath = Path.Combine(TestHost.AppFolder, "not-there.json") }
            .With("AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentCalls", "0")
            .With("AzureFunctionsJobHost__extensions__http__routePrefix", "other")
            .With("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "much");

        var error = await Assert.ThrowsAsync<FunctionAppException>(() => test.StartAsync("Echo"));

        Assert.Equal(4, error.Errors.Count);
        Assert.All(error.Errors, reason => Assert.Contains(reason, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_WrongFunctions_AreReportedAtOnceAndTheWorkerEnds()
    {
        var workers = new ScriptedWorkers(Listed.Timer("One", "never"), Listed.Queue("Two", "%NoSuchQueue%"));

        var error = await Assert.ThrowsAsync<FunctionAppException>(() => new TestHost { Workers = workers }.StartAsync());

        Assert.Equal(2, error.Errors.Count);
        await TestDeadline.Within(Assert.Single(workers.Started).Exited);
    }

    [Fact]
    public async Task Start_NoFunctions_IsAnError()
    {
        var error = await Assert.ThrowsAsync<FunctionAppException>(() => new TestHost { Workers = new ScriptedWorkers() }.StartAsync());

        Assert.Contains("has no function that is enabled", Assert.Single(error.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "not valid JSON at line 1")]
    [InlineData("[]", "expected an object with the object 'description'")]
    [InlineData("""{ "description": { "language": "node" } }""", "language must be dotnet-isolated, but it is 'node'")]
    [InlineData("""{ "description": { "language": "dotnet-isolated" } }""", "needs defaultExecutablePath and defaultWorkerPath")]
    [InlineData("""{ "description": { "language": "dotnet-isolated", "defaultExecutablePath": "dotnet", "defaultWorkerPath": "no.dll" } }""", "names no.dll, which is not there")]
    [InlineData(null, "expected the file that the Worker SDK writes")]
    public async Task Start_FolderThatIsNoFunctionApp_SaysWhatIsMissing(string? config, string expected)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "host.json"), """{ "version": "2.0" }""", Cancel);
        if (config is not null) await File.WriteAllTextAsync(Path.Combine(folder.Path, "worker.config.json"), config, Cancel);

        var error = await Assert.ThrowsAsync<FunctionAppException>(() => new TestHost().StartInAsync(folder.Path));

        Assert.Contains(expected, Assert.Single(error.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_FolderWithoutHostJson_IsAnError()
    {
        using var folder = new TemporaryFolder();

        var error = await Assert.ThrowsAsync<FunctionAppException>(
            () => new TestHost { Workers = new ScriptedWorkers(Listed.Http("One")) }.StartInAsync(folder.Path));

        Assert.Contains("the worker needs it for its routes", Assert.Single(error.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_FileUnderEnvironmentUnderOwn_ReachTheWorkerAsVariables()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "settings.json");
        await File.WriteAllTextAsync(file, """{ "Values": { "A": "file", "B:C": "file", "PATH": "never" } }""", Cancel);
        await using var host = await new TestHost { LocalSettingsPath = file }.With("A", "own").With("D:E", "own").StartAsync("Variable");
        using var client = new HttpClient { BaseAddress = new Uri(host.HttpAddress, "api/variable/") };

        var seen = new List<string>();
        foreach (var name in new[] { "A", "B__C", "D__E", "PATH" }) seen.Add(await client.GetStringAsync(new Uri(name, UriKind.Relative), Cancel));

        Assert.Equal(["own", "file", "own", Environment.GetEnvironmentVariable("PATH")!], seen);
    }

    [Fact]
    public async Task Functions_RunningHost_AreListedByNameAndSaid()
    {
        var test = new TestHost { Workers = new ScriptedWorkers(Listed.Timer("Two", "%TickSchedule%"), Listed.Http("One", ", 'methods': [ 'get' ], 'route': 'one'")) };
        await using var host = await test.StartAsync();

        Assert.Equal([new FunctionSummary("One", "httpTrigger", "GET /api/one"), new FunctionSummary("Two", "timerTrigger", "0 0 0 1 1 *")], host.Functions);
        Assert.Equal("127.0.0.1", host.HttpAddress.Host);
        Assert.Contains(
            test.Logs.Entries,
            entry => entry is { Level: LogLevel.Information, Id: 8001 } && entry.Message.Contains("One", StringComparison.Ordinal));
    }

    // The client library of the bus asks for a version that not every feed has; a later one is pinned for all.
    [Fact]
    public void AmqpLibrary_OfTheBusClient_IsOneThatItTakes() =>
        Assert.InRange(typeof(Microsoft.Azure.Amqp.AmqpConnection).Assembly.GetName().Version!, new Version(2, 7), new Version(3, 0));
}

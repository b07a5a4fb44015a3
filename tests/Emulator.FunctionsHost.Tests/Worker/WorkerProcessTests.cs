using System.Diagnostics;
using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Triggers.ServiceBus;
using Emulator.FunctionsHost.Worker;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Worker;

/// <summary>The process of the genuine worker: what it may touch, and what ends it.</summary>
public sealed class WorkerProcessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Home_NotNamed_StaysAFolderThatIsNot()
    {
        await using var host = await new TestHost().StartAsync("Variable");
        using var client = new HttpClient { BaseAddress = new Uri(host.HttpAddress, "api/") };

        var home = await client.GetStringAsync(new Uri("variable/HOME", UriKind.Relative), Cancel);

        Assert.StartsWith(TestHost.AppFolder, home, StringComparison.Ordinal);
        Assert.False(Directory.Exists(home));
    }

    // Why there is none: this is what the worker does with one.
    [Fact]
    public async Task Home_Named_GetsTheKeysOfTheWorkersFramework()
    {
        using var folder = new TemporaryFolder();
        await using var host = await new TestHost().With("HOME", folder.Path).StartAsync("Variable");
        using var client = new HttpClient { BaseAddress = new Uri(host.HttpAddress, "api/") };

        Assert.Equal(folder.Path, await client.GetStringAsync(new Uri("variable/HOME", UriKind.Relative), Cancel));

        Assert.NotEmpty(Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task HostsEndOfItsInput_Closed_EndsIt()
    {
        // All that a host's death looks like to its worker; the stream, which it would outlive, stays open.
        var rpc = new FunctionRpcService(NullLogger<FunctionRpcService>.Instance, TimeProvider.System);
        await using var listener = await GrpcListener.StartAsync(
            rpc, new SettlementService(new HeldMessages()), NullLoggerFactory.Instance, Cancel);
        await using var logs = new WorkerLogs(NullLoggerFactory.Instance);
        using var channel = new WorkerChannel("the-id", logs, TimeProvider.System);
        rpc.Expect(channel);
        var config = WorkerConfig.Read(TestHost.AppFolder, []);
        using var worker = Process.Start(WorkerCommand.Compose(config!, listener.Address, "the-id", new Dictionary<string, string>(), watchesHost: true))!;
        try
        {
            await TestDeadline.Within(channel.Opened);
            Assert.False(worker.HasExited);

            worker.StandardInput.Close();

            await TestDeadline.Within(worker.WaitForExitAsync(Cancel));
        }
        finally
        {
            worker.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Output_OfTheWorker_IsLoggedAndErrorsAreWarnings()
    {
        var test = new TestHost().With("TESTAPP_DIES_AT_START", "the words");

        await Assert.ThrowsAsync<FunctionAppException>(() => test.StartAsync("Variable"));

        var said = Assert.Single(
            test.Logs.Entries,
            entry => entry.Message.EndsWith(": the words", StringComparison.Ordinal) && entry.Message.StartsWith("Worker ", StringComparison.Ordinal));
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Warning, said.Level);
    }

    [Fact]
    public async Task Listeners_OfWorkersAndClients_AreTwoAndEachSpeaksItsOwnHttp()
    {
        var workers = new ScriptedWorkers(Listed.Http("One"));
        await using var host = await new TestHost { Workers = workers }.StartAsync();
        var grpc = Assert.Single(workers.Started).Address;
        using var client = new HttpClient();

        // Without TLS there is no negotiation: each listener takes one version, and would misread the other.
        using var old = new HttpRequestMessage(HttpMethod.Get, grpc)
        {
            Version = new Version(1, 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var refused = await client.SendAsync(old, Cancel);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
        using var next = new HttpRequestMessage(HttpMethod.Get, new Uri(host.HttpAddress, "nothing"))
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(next, Cancel));
        using var plain = await client.GetAsync(new Uri(host.HttpAddress, "nothing"), Cancel);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, plain.StatusCode);
        Assert.NotEqual(grpc.Port, host.HttpAddress.Port);
    }
}

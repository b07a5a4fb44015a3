using Emulator.FunctionsHost.Protocol;
using Emulator.FunctionsHost.Worker;
using Relay.Testing;

namespace Emulator.FunctionsHost.Tests.Worker;

/// <summary>From the start of a worker to its first invocation, and all that can go wrong on the way.</summary>
public sealed class WorkerStartTests
{
    [Fact]
    public async Task Start_Worker_IsAskedForEverythingInOrder()
    {
        var workers = new ScriptedWorkers(Listed.Http("One"), Listed.Http("Two"));
        await using var host = await new TestHost { Workers = workers }.StartAsync();

        var received = Assert.Single(workers.Started).Received.ToList();

        Assert.Equal(StreamingMessage.ContentOneofCase.WorkerInitRequest, received[0].ContentCase);
        Assert.Equal(StreamingMessage.ContentOneofCase.FunctionsMetadataRequest, received[1].ContentCase);
        Assert.Equal(["id of One", "id of Two"], received.Skip(2).Select(message => message.FunctionLoadRequest.FunctionId).Order());
        Assert.Equal(4, received.Select(message => message.RequestId).Distinct().Count());
        Assert.Equal(["One", "Two"], host.Functions.Select(function => function.Name));
    }

    [Theory]
    [InlineData("init", "did not initialise: the reason")]
    [InlineData("list", "did not list its functions: the reason")]
    [InlineData("load", "did not load function 'One': the reason")]
    [InlineData("load without a reason", "did not load function 'One', and does not say why")]
    [InlineData("other", "answered its init request with FunctionLoadResponse")]
    public async Task Start_WorkerAnswersWithAFailure_SaysWhichAndWhy(string step, string expected)
    {
        var workers = new ScriptedWorkers(Listed.Http("One")) { Script = (worker, message) => Task.FromResult(Fail(worker, message, step)) };

        var error = await Assert.ThrowsAsync<FunctionAppException>(() => new TestHost { Workers = workers }.StartAsync());

        Assert.Contains(expected, Assert.Single(error.Errors), StringComparison.Ordinal);
        await TestDeadline.Within(Assert.Single(workers.Started).Exited);
    }

    [Theory]
    [InlineData("WorkerInitRequest", "did not answer its init request")]
    [InlineData("FunctionsMetadataRequest", "did not answer the request for its functions")]
    [InlineData("FunctionLoadRequest", "did not answer the load of 'One'")]
    public async Task Start_WorkerDoesNotAnswer_IsGivenUp(string silent, string expected)
    {
        var workers = new ScriptedWorkers(Listed.Http("One"))
        {
            Script = (worker, message) => Task.FromResult(message.ContentCase.ToString() == silent ? null : worker.Usual(message)),
        };
        var limits = new WorkerTimeouts { Init = TimeSpan.FromMilliseconds(100), Load = TimeSpan.FromMilliseconds(100) };

        var error = await Assert.ThrowsAsync<FunctionAppException>(
            () => new TestHost { Workers = workers, Timeouts = limits }.StartAsync());

        Assert.Contains(expected, Assert.Single(error.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_StreamOfAnUnknownWorker_IsRefused()
    {
        var workers = new ScriptedWorkers(Listed.Http("One")) { Calls = _ => Guid.NewGuid().ToString() };
        var test = new TestHost { Workers = workers, Timeouts = new WorkerTimeouts { Open = TimeSpan.FromSeconds(2) } };

        var error = await Assert.ThrowsAsync<FunctionAppException>(() => test.StartAsync());

        Assert.Contains("did not open its stream", Assert.Single(error.Errors), StringComparison.Ordinal);
        Assert.Empty(Assert.Single(workers.Started).Received);
        Assert.Equal(1, test.CountOf("A stream of an unknown worker was refused"));
    }

    [Fact]
    public async Task Stream_SecondOfTheSameWorker_IsRefused()
    {
        var workers = new ScriptedWorkers(Listed.Http("One"));
        var test = new TestHost { Workers = workers };
        await using var host = await test.StartAsync();
        var first = Assert.Single(workers.Started);

        await using var second = new ScriptedWorker(workers, first.Address, first.WorkerId, 2);
        await test.SeenAsync("A stream of an unknown worker was refused");

        Assert.Empty(second.Received);
        Assert.Equal(first.Id, host.WorkerProcessId);
    }

    [Fact]
    public async Task Start_ProcessDies_ItsLastWordsAreTheReason()
    {
        var test = new TestHost().With("TESTAPP_DIES_AT_START", "no such thing");

        var error = await Assert.ThrowsAsync<FunctionAppException>(() => test.StartAsync("Echo"));

        var reason = Assert.Single(error.Errors);
        Assert.Contains("exit code 3", reason, StringComparison.Ordinal);
        Assert.Contains("no such thing", reason, StringComparison.Ordinal);
    }

    private static StreamingMessage? Fail(ScriptedWorker worker, StreamingMessage message, string step)
    {
        var failure = new StatusResult
        {
            Status = StatusResult.Types.Status.Failure,
            Exception = step.EndsWith("reason", StringComparison.Ordinal) ? null : new RpcException { Message = "the reason" },
        };
        var answer = worker.Usual(message);
        if (step == "init" && answer?.WorkerInitResponse is { } init) init.Result = failure;
        if (step == "list" && answer?.FunctionMetadataResponse is { } list) list.Result = failure;
        if (step.StartsWith("load", StringComparison.Ordinal) && answer?.FunctionLoadResponse is { } load) load.Result = failure;
        return step == "other" && answer?.WorkerInitResponse is not null
            ? new StreamingMessage { RequestId = message.RequestId, FunctionLoadResponse = new FunctionLoadResponse() }
            : answer;
    }
}

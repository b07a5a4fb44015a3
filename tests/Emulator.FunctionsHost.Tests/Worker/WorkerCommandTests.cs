using System.Diagnostics;
using Emulator.FunctionsHost.Worker;

namespace Emulator.FunctionsHost.Tests.Worker;

/// <summary>How a worker is started.</summary>
public sealed class WorkerCommandTests
{
    private static readonly Uri Grpc = new("http://127.0.0.1:4711/");

    [Fact]
    public void Compose_App_PassesBothSetsOfSwitchesWithTheLongestMessage()
    {
        var start = Compose();

        var arguments = start.ArgumentList.ToList();
        Assert.Equal(Path.Combine("/app", "App.dll"), arguments[0]);
        Assert.Equal("http://127.0.0.1:4711/", After(arguments, "--functions-uri"));
        Assert.Equal("the-id", After(arguments, "--functions-worker-id"));
        Assert.Equal(After(arguments, "--requestId"), After(arguments, "--functions-request-id"));
        Assert.Equal(("127.0.0.1", "4711", "the-id"), (After(arguments, "--host"), After(arguments, "--port"), After(arguments, "--workerId")));

        // Left out, it is 0 to the worker, which then takes nothing.
        Assert.Equal(("2147483647", "2147483647"), (After(arguments, "--functions-grpc-max-message-length"), After(arguments, "--grpcMaxMessageLength")));
        Assert.Equal("/app", start.WorkingDirectory);
    }

    [Fact]
    public void Compose_Environment_IsThePlatformsOverTheAppsSettings()
    {
        var start = Compose(("FUNCTIONS_WORKER_RUNTIME", "other"), ("FUNCTIONS_APPLICATION_DIRECTORY", "/elsewhere"), ("Relay__A", "b"));

        Assert.Equal("dotnet-isolated", start.Environment["FUNCTIONS_WORKER_RUNTIME"]);
        Assert.Equal(("/app", "/app"), (start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"], start.Environment["FUNCTIONS_WORKER_DIRECTORY"]));
        Assert.Equal("b", start.Environment["Relay__A"]);
    }

    [Fact]
    public void Compose_Home_IsBelowAFileUnlessTheAppNamesOne()
    {
        Assert.Equal(Path.Combine("/app", "App.dll", "no-home"), Compose().Environment["HOME"]);
        Assert.Equal("/home/own", Compose(("HOME", "/home/own")).Environment["HOME"]);
    }

    [Theory]
    [InlineData(null, "localhost,127.0.0.1")]
    [InlineData("a.example", "a.example,localhost,127.0.0.1")]
    public void Compose_Proxy_IsNeverForThisMachine(string? own, string expected)
    {
        var start = own is null ? Compose(("no_proxy", ""), ("NO_PROXY", "")) : Compose(("no_proxy", own), ("NO_PROXY", own));

        Assert.Equal((expected, expected), (start.Environment["no_proxy"], start.Environment["NO_PROXY"]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("/other/hook.dll")]
    public void Compose_WatchedHost_LoadsTheHookBesideTheAppsOwn(string? own)
    {
        var hook = typeof(FunctionsHost).Assembly.Location;

        var start = own is null ? Compose() : Compose(("DOTNET_STARTUP_HOOKS", own));

        Assert.Equal(own is null ? hook : $"{hook}{Path.PathSeparator}{own}", start.Environment["DOTNET_STARTUP_HOOKS"]);
        Assert.True(start.RedirectStandardInput);
    }

    private static ProcessStartInfo Compose(params (string Name, string Value)[] variables) => WorkerCommand.Compose(
        new WorkerConfig("/app", "dotnet", "App.dll", []), Grpc, "the-id", variables.ToDictionary(variable => variable.Name, variable => variable.Value), watchesHost: true);

    private static string After(List<string> arguments, string name) => arguments[arguments.IndexOf(name) + 1];
}

using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Relay.Cli;
using Relay.Cli.Commands;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>
/// A state folder with a stack of its own, <c>relay up</c>, and the other commands on it: in this process, or each as one of its own.
/// </summary>
public abstract class CommandStack : IAsyncLifetime
{
    private const int Sigterm = 15;
    private Process _stack = null!;

    /// <summary>Process id of <c>relay up</c>.</summary>
    internal int StackId => _stack.Id;

    /// <summary>What <c>relay up</c> is told besides its ports.</summary>
    private protected virtual string[] UpOptions => [];

    internal string State { get; } = Directory.CreateTempSubdirectory("relay-command-test-").FullName;

    public async ValueTask InitializeAsync()
    {
        // Us has put a hybrid key there, iran gets one on P-256: contents of both kinds go through the stack.
        var folder = Directory.CreateDirectory(Path.Combine(State, "delegations", "us")).FullName;
        using (var hybrid = HybridKeyPair.Generate("us#enc-1"))
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, "encryption.jwk"), hybrid.ToJson(), TestContext.Current.CancellationToken);
        }

        string[] ports = ["--amqp-port", "0", "--admin-port", "0", "--vault-port", "0", "--http-port", "0", "--https-port", "0"];
        _stack = Start(["up", .. ports, .. UpOptions]);
        while (await TestDeadline.Within(_stack.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()) is { } line)
        {
            if (line.Contains("Ctrl-C stops it", StringComparison.Ordinal)) return;
        }

        Assert.Fail($"The stack did not come up: {await _stack.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (!_stack.HasExited) _stack.Kill(entireProcessTree: true);
        await _stack.WaitForExitAsync(CancellationToken.None);
        _stack.Dispose();
        Directory.Delete(State, recursive: true);
    }

    /// <summary>Reads what the stack prints of what passes, up to a line that is so.</summary>
    internal async Task PassesAsync(string pattern)
    {
        var lines = new List<string>();
        while (await TestDeadline.Within(_stack.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()) is { } line)
        {
            if (Regex.IsMatch(line, pattern)) return;
            lines.Add(line);
        }
        Assert.Fail($"'{pattern}' never passed, but {string.Join('\n', lines)}");
    }

    internal async Task SignAsync(string file, string text, string lane) =>
        await SucceedAsync("sign", "--from", "us", "--to", "iran", "--text", text, "--lane", lane, "--out", PathOf(file));

    internal async Task<Envelope> EnvelopeOfAsync(string file)
    {
        var wire = await File.ReadAllBytesAsync(PathOf(file), TestContext.Current.CancellationToken);
        Assert.True(Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        return envelope;
    }

    internal string PathOf(string file) => Path.Combine(State, file);

    /// <summary>Runs a command in this process, where it must succeed.</summary>
    internal async Task<string> SucceedAsync(params string[] args) => Succeeded(args, await RunAsync(args));

    /// <summary>Runs a command as a process of its own, where it must succeed.</summary>
    internal async Task<string> SucceedApartAsync(params string[] args) => Succeeded(args, await RunApartAsync(args));

    /// <summary>Runs a command in this process: the same parser, terminal and exit code, without a runtime that starts for each.</summary>
    internal Task<(int Code, string Output, string Errors)> RunAsync(params string[] args) =>
        RunAsync(TimeProvider.System, [.. args, "--state", State]);

    /// <summary>Runs a command in this process, at another time or on no state folder.</summary>
    internal static async Task<(int Code, string Output, string Errors)> RunAsync(TimeProvider time, string[] args)
    {
        using var raw = new MemoryStream();
        await using var output = new StreamWriter(raw) { AutoFlush = true };
        using var errors = new StringWriter();
        var terminal = Terminal.Of(output, errors, raw, time);
        var code = await TestDeadline.Within(RelayCommand.RunAsync(args, terminal, TestContext.Current.CancellationToken));
        return (code, Encoding.UTF8.GetString(raw.ToArray()), errors.ToString());
    }

    /// <summary>Runs a command as a process of its own.</summary>
    internal async Task<(int Code, string Output, string Errors)> RunApartAsync(params string[] args)
    {
        var (code, output, errors) = await RelayProgram.RunAsync(State, null, [.. args, "--state", State]);
        return (code, output, errors);
    }

    internal Process Start(params string[] args) => RelayProgram.Start(State, null, [.. args, "--state", State]);

    /// <summary>Posts an envelope as any HTTP client does.</summary>
    internal async Task<HttpResponseMessage> PostAsync(byte[] body, bool expectContinue = false)
    {
        // A busy server takes more than the second after which a client by default sends its body unasked.
        using var client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TestDeadline.Default });
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(LocalEndpoints.TryRead(State)!.Http, "api/envelopes"))
        { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(Envelope.MediaType);
        request.Headers.ExpectContinue = expectContinue;
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>The problem that an answer is, of that status.</summary>
    internal static async Task<JsonNode> ProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode} {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!;
    }

    private static string Succeeded(string[] args, (int Code, string Output, string Errors) run)
    {
        Assert.True(run.Code == 0, $"relay {string.Join(' ', args)} exited with {run.Code}: {run.Errors}");
        return run.Output;
    }

    /// <summary>SIGKILL to the stack alone, as <c>kill -9</c> does it.</summary>
    internal async Task KillAsync()
    {
        _stack.Kill();
        await TestDeadline.Within(_stack.WaitForExitAsync(TestContext.Current.CancellationToken));
    }

    internal async Task<int> StopAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no signal to send on Windows.");
        using (var kill = Process.Start("kill", [$"-{Sigterm}", $"{_stack.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await TestDeadline.Within(_stack.WaitForExitAsync(TestContext.Current.CancellationToken));
        return _stack.ExitCode;
    }
}

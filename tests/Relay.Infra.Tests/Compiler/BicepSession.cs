using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Relay.Infra.Tests.Compiler;

/// <summary>
/// A compiler that stays up and answers one request after another, which takes
/// a fifth of the time of a start for each: <c>bicep jsonrpc</c>, JSON-RPC 2.0
/// in frames with a Content-Length header. Dispose it to end the process.
/// </summary>
internal sealed class BicepSession : IDisposable
{
    // One request at a time: answers come in order.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Process _process;
    private int _id;

    private BicepSession(Process process) => _process = process;

    /// <param name="environment">What readEnvironmentVariable finds.</param>
    public static BicepSession Start(string compiler, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(compiler, ["jsonrpc", "--stdio"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new BicepSession(Process.Start(start) ?? throw new InvalidOperationException($"{compiler} did not start."));
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _gate.Dispose();
    }

    /// <summary>Compiles and lints a .bicep or .bicepparam file with everything that it refers to.</summary>
    public async Task<IReadOnlyList<BicepDiagnostic>> CompileAsync(string path, CancellationToken cancellationToken)
    {
        var result = path.EndsWith(".bicepparam", StringComparison.Ordinal)
            ? await CallAsync("bicep/compileParams", new { path, parameterOverrides = new { } }, cancellationToken)
            : await CallAsync("bicep/compile", new { path }, cancellationToken);
        return result.GetProperty("diagnostics").EnumerateArray()
            .Select(item => new BicepDiagnostic(
                item.GetProperty("code").GetString()!,
                item.GetProperty("level").GetString()!,
                item.GetProperty("source").GetString()!,
                item.GetProperty("message").GetString()!))
            .ToList();
    }

    /// <summary>What a parameter file deploys, as the compiler's own evaluation of the template predicts it.</summary>
    public async Task<JsonElement> SnapshotAsync(string path, CancellationToken cancellationToken)
    {
        var metadata = new
        {
            subscriptionId = Bicep.BicepFunctions.SubscriptionId["/subscriptions/".Length..],
            tenantId = Bicep.BicepFunctions.TenantId,
            location = "westeurope",
            deploymentName = "relay",
        };
        var result = await CallAsync("bicep/getSnapshot", new { path, metadata }, cancellationToken);
        using var snapshot = JsonDocument.Parse(result.GetProperty("snapshot").GetString()!);
        return snapshot.RootElement.Clone();
    }

    private async Task<JsonElement> CallAsync(string method, object parameters, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new { jsonrpc = "2.0", id = ++_id, method, @params = new[] { parameters } });
            var input = _process.StandardInput.BaseStream;
            await input.WriteAsync(Encoding.ASCII.GetBytes($"Content-Length: {body.Length}\r\n\r\n"), cancellationToken);
            await input.WriteAsync(body, cancellationToken);
            await input.FlushAsync(cancellationToken);
            using var answer = JsonDocument.Parse(
                await ReadAsync(_process.StandardOutput.BaseStream, cancellationToken), new JsonDocumentOptions { MaxDepth = 256 });
            return answer.RootElement.TryGetProperty("result", out var result)
                ? result.Clone()
                : throw new InvalidOperationException($"{method}: {answer.RootElement.GetProperty("error")}");
        }
        finally
        {
            _gate.Release();
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new StringBuilder();
        var octet = new byte[1];
        while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(octet, cancellationToken);
            header.Append((char)octet[0]);
        }

        var length = header.ToString()
            .Split("\r\n")
            .Select(line => line.Split(':'))
            .First(parts => parts[0].Equals("Content-Length", StringComparison.OrdinalIgnoreCase))[1];
        var body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, cancellationToken);
        return body;
    }
}

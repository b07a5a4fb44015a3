using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Relay.Testing;

namespace Relay.IntegrationTests.Http;

/// <summary>
/// Two hundred sockets send their bodies byte by byte, each another as soon as one is ended, while others post and read: who does is
/// served, since the host lets in half as many again.
/// </summary>
/// <remarks>A moment of it; as many calls of the good callers as the environment variable RELAY_SLOW_CALLS says.</remarks>
[Collection(RelayedEnvelope.Collection)]
public sealed class SlowBodyTests(RelayedEnvelope relayed, ITestOutputHelper output)
{
    private const string Variable = "RELAY_SLOW_CALLS";

    private const string TooSlow = "408 urn:relay:body-too-slow";

    private const int Sockets = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // How many bodies are under way now, and how the others were ended.
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private int _under;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // A byte at a time: the host ends them after 5 s. At 500 bytes a second it never does, and who had no place would get none.
    [Theory]
    [InlineData(1)]
    [InlineData(25)]
    public async Task Sockets_ThatSendSlowly_KeepNobodyElseFromBeingServed(int bytes)
    {
        var calls = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var asked) ? asked : 10;
        var before = await CallAsync(calls);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var slow = Enumerable.Range(0, Sockets).Select(_ => DribbleAsync(bytes, stop.Token)).ToList();
        await TestDeadline.Until(() => Volatile.Read(ref _under) == Sockets, "the sockets in their bodies");
        var meanwhile = await CallAsync(calls);
        await stop.CancelAsync();
        await Task.WhenAll(slow);
        output.WriteLine($"{calls} posts and {calls} reads, before: {before}; beside {Sockets} slow sockets: {meanwhile}");
        output.WriteLine(string.Join(", ", _answers.Select(pair => $"{pair.Value} times {pair.Key}")));
        // It is the host that ends those that come slower than 240 bytes a second, after 5 s, and says nothing more.
        Assert.All(_answers.Keys, answer => Assert.Contains(answer, (string[])[TooSlow, "408 ", "gone"]));
        var again = await CallAsync(1);
        output.WriteLine($"after: {again}");
    }

    // A stranger that posts what is in the ledger, and a member that reads.
    private async Task<string> CallAsync(int calls)
    {
        var times = new List<double>();
        for (var call = 0; call < calls; call++)
        {
            var started = TimeProvider.System.GetTimestamp();
            using (var posted = await relayed.PostAsync(relayed.Logged, TimeSpan.Zero, cancellationToken: Token))
            {
                Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
            }

            times.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
            started = TimeProvider.System.GetTimestamp();
            var path = new Uri(relayed.PathOf("negotiations/{negotiation}/checkpoint"), UriKind.Relative);
            using (var read = await relayed.Member.GetAsync(path, Token)) Assert.Equal(HttpStatusCode.OK, read.StatusCode);
            times.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
        }

        times.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"median {times[times.Count / 2]:0} ms, p99 {times[times.Count * 99 / 100]:0}, most {times[^1]:0}");
    }

    private async Task DribbleAsync(int bytes, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var answer = await DribbleOneAsync(bytes, cancellationToken);
                _answers.AddOrUpdate(answer, 1, static (_, count) => count + 1);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                _answers.AddOrUpdate("gone", 1, static (_, count) => count + 1);
            }
        }
    }

    private async Task<string> DribbleOneAsync(int bytes, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, relayed.Stack.Endpoints.Http.Port, cancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(
            "POST /api/envelopes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n"u8.ToArray(), cancellationToken);
        var answer = ReadAsync(stream, cancellationToken);
        Interlocked.Increment(ref _under);
        try
        {
            var some = Encoding.ASCII.GetBytes(new string('{', bytes));
            using var timer = new PeriodicTimer(Pause, TimeProvider.System);
            while (!answer.IsCompleted && await timer.WaitForNextTickAsync(cancellationToken))
            {
                await stream.WriteAsync(some, cancellationToken);
            }

            return await answer;
        }
        finally
        {
            Interlocked.Decrement(ref _under);
        }
    }

    // Status, and the problem's type.
    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var status = await reader.ReadLineAsync(cancellationToken) ?? throw new IOException("closed");
        var length = 0;
        while (await reader.ReadLineAsync(cancellationToken) is { Length: > 0 } header)
        {
            if (header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            {
                length = int.Parse(header[15..], CultureInfo.InvariantCulture);
            }
        }

        var body = new char[length];
        await reader.ReadBlockAsync(body, cancellationToken);
        var text = new string(body);
        var type = text.Split('"').FirstOrDefault(static part => part.StartsWith("urn:relay:", StringComparison.Ordinal));
        return $"{status.Split(' ')[1]} {type}";
    }
}

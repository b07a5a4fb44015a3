using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.Cli.Tests.Slips;

/// <summary>
/// A relay that answers badly, by a fault on the way or on purpose: nothing is called well, and no command ends with a trace.
/// </summary>
[Collection(StackOfSlips.Collection)]
public sealed class TransportSlipTests(StackOfSlips stack)
{
    private static readonly string[] Commands = ["audit iran", "verify ledger --negotiation doha-2026"];

    private static readonly (string Name, string Answer)[] Peers =
    [
        ("hangs up", ""),
        ("cuts the head", "HTTP/1.1 200 O"),
        ("cuts the body", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nrelay.local/doha-2026\n7\n"),
        ("is no relay", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<html></html>"),
        ("is no server of HTTP", "220 mail.example ESMTP\r\n"),
    ];

    public static TheoryData<string, string> Cases =>
        [.. Commands.SelectMany(static command => Peers.Select(peer => new TheoryDataRow<string, string>(command, peer.Name)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Command_OnARelayThatAnswersBadly_FailsInOneLine(string command, string peer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var serving = ServeAsync(listener, Peers.Single(row => row.Name == peer).Answer, ended.Token);
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        var run = await stack.RunAsync([.. command.Split(' '), "--url", url, "--client-certificate", stack.PathOf("client.pem")]);
        await ended.CancelAsync();
        await serving;
        Assert.NotEqual(0, run.ExitCode);
        Assert.DoesNotContain("All is well", run.Output, StringComparison.Ordinal);
        Assert.DoesNotMatch("Exception|   at |defect of relay", run.Errors + run.Output);
        Assert.Matches("no ledger of doha-2026|expected", run.Errors + run.Output);
    }

    private static async Task ServeAsync(TcpListener listener, string answer, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync(cancellationToken);
                var stream = client.GetStream();
                // The request is short and comes at once; what is unread when the socket closes would reset it before the answer is read.
                _ = await stream.ReadAsync(new byte[8192], cancellationToken);
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // How it ends.
        }
        catch (IOException)
        {
            // The other side went first; the command has its answer or none.
        }
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Administration;

/// <summary>
/// What no official client sends: broken, hostile and unauthorised requests; and paging, health and restarts, seen on the wire.
/// </summary>
public sealed class AdminRequestTests
{
    private const string Version = "?api-version=2021-05";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("not XML at all")]
    [InlineData("<entry")]
    [InlineData("<entry xmlns='http://www.w3.org/2005/Atom'><content/></entry>")]
    [InlineData("<entry xmlns='http://www.w3.org/2005/Atom'><content><SubscriptionDescription/></content></entry>")]
    [InlineData("<!DOCTYPE e [<!ENTITY a 'b'>]><entry><content><QueueDescription><UserMetadata>&a;</UserMetadata></QueueDescription></content></entry>")]
    [InlineData("<!DOCTYPE e SYSTEM 'file:///etc/passwd'><entry/>")]
    [InlineData("<entry><content><QueueDescription><LockDuration>a minute</LockDuration></QueueDescription></content></entry>")]
    [InlineData("<entry><content><QueueDescription><MaxDeliveryCount>99999999999999999999</MaxDeliveryCount></QueueDescription></content></entry>")]
    [InlineData("<entry><content><QueueDescription><Status>7</Status></QueueDescription></content></entry>")]
    [InlineData("<entry><content><QueueDescription><AutoDeleteOnIdle>PT1S</AutoDeleteOnIdle></QueueDescription></content></entry>")]
    public async Task Put_BodyThatIsNone_IsRefusedWithAReasonAndNothingIsMade(string body)
    {
        await using var emulator = await StartAsync();
        using var http = Client(emulator);

        var (status, text) = await SendAsync(http, HttpMethod.Put, "new" + Version, body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("xpected", XElement.Parse(text).Element("Detail")!.Value, StringComparison.Ordinal);
        Assert.Contains("SubCode=40000", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(http, HttpMethod.Get, "new" + Version)).Status);
    }

    [Fact]
    public async Task Put_DeepOrHugeBody_IsRefused()
    {
        await using var emulator = await StartAsync();
        using var http = Client(emulator);

        var deep = await SendAsync(http, HttpMethod.Put, "new" + Version, string.Concat(Enumerable.Repeat("<a>", 10_000)));
        Assert.Equal(HttpStatusCode.BadRequest, deep.Status);
        Assert.Contains("deeper", deep.Text, StringComparison.Ordinal);

        var huge = await SendAsync(http, HttpMethod.Put, "new" + Version, new string(' ', 300_000));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, huge.Status);
    }

    [Theory]
    [InlineData("GET", "$resources/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "", HttpStatusCode.NotFound)]
    [InlineData("GET", "absent/Subscriptions/", HttpStatusCode.NotFound)]
    [InlineData("GET", "absent/subscriptions/s/rules", HttpStatusCode.NotFound)]
    [InlineData("GET", "$Resources/queues?api-version=x&$skip=-1", HttpStatusCode.BadRequest)]
    [InlineData("GET", "$Resources/queues?api-version=x&$top=many", HttpStatusCode.BadRequest)]
    [InlineData("DELETE", "$Resources/queues", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "q", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "Q%31/", HttpStatusCode.OK)]
    public async Task Request_AtAnyAddress_HasTheStatusThatClientsMap(string method, string address, HttpStatusCode expected)
    {
        await using var emulator = await StartAsync(new QueueSettings { Name = "q" }, new QueueSettings { Name = "q1" });
        using var http = Client(emulator);

        var (status, _) = await SendAsync(
            http, new HttpMethod(method), address.Contains('?', StringComparison.Ordinal) ? address : address + Version);

        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task List_MoreThanAPage_GoesOnWhereTheLastOneEnded()
    {
        await using var emulator = await StartAsync([.. Enumerable.Range(0, 250).Select(number => new QueueSettings { Name = $"q{number:000}" })]);
        using var http = Client(emulator);
        var names = new List<string>();
        var sizes = new List<int>();

        for (var skip = 0; ;)
        {
            var (status, text) = await SendAsync(http, HttpMethod.Get, $"$Resources/queues{Version}&$skip={skip}&$top=1000");
            Assert.Equal(HttpStatusCode.OK, status);
            var titles = XElement.Parse(text).Descendants().Where(element => element.Name.LocalName == "title" && element.Parent!.Name.LocalName == "entry").Select(title => title.Value).ToList();
            names.AddRange(titles);
            sizes.Add(titles.Count);
            skip += titles.Count;
            if (!text.Contains("rel=\"next\"", StringComparison.Ordinal)) break;
        }

        Assert.Equal([100, 100, 50], sizes);
        Assert.Equal(emulator.Snapshot().Entities.Select(entity => entity.Path), names);
    }

    [Fact]
    public async Task Request_StrictMode_NeedsATokenForItsPath()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions
            {
                AmqpPort = 0,
                AdminPort = 0,
                Topology = new() { Queues = [new QueueSettings { Name = "q" }] },
                SharedAccessKeys = new Dictionary<string, string> { ["Root"] = "right" },
            },
            Cancel);
        using var http = Client(emulator);
        var authority = $"localhost:{emulator.AdminPort}";
        async Task<HttpStatusCode> Status(string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "q" + Version);
            if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", token);
            using var response = await http.SendAsync(request, Cancel);
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await Status(null));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status("Bearer a.b.c"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(Token($"http://{authority}/q", "wrong")));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(Token($"http://{authority}/other", "right")));
        Assert.Equal(HttpStatusCode.OK, await Status(Token($"http://{authority}/q", "right")));
        Assert.Equal(HttpStatusCode.OK, await Status(Token($"https://{authority}/q?api-version=2021-05", "right")));
        Assert.Equal(HttpStatusCode.OK, await Status(Token(authority, "right")));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(http, HttpMethod.Get, "health")).Status);
    }

    [Fact]
    public async Task CreateAndRestart_WithStateFolder_IsThereOverPlainHttpAndTls()
    {
        var folder = Directory.CreateTempSubdirectory("relay-admin-");
        try
        {
            await using (var emulator = await StartAsync(folder.FullName))
            {
                using var http = Client(emulator);
                const string Body = "<entry><content><QueueDescription><LockDuration>PT9S</LockDuration></QueueDescription></content></entry>";
                Assert.Equal(HttpStatusCode.Created, (await SendAsync(http, HttpMethod.Put, "kept" + Version, Body)).Status);
                Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(http, HttpMethod.Put, "KEPT" + Version, Body)).Status);
            }

            await using var again = await StartAsync(folder.FullName);
            using var trusted = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(
                again.AdminCertificatePath!);
            using var handler = new HttpClientHandler
            {
                ServerCertificateCustomValidationCallback = (_, certificate, _, _) => trusted.Equals(certificate),
            };
            using var https = new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{again.AdminPort}/") };
            var (status, text) = await SendAsync(https, HttpMethod.Get, "kept" + Version);

            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Contains("<LockDuration>PT9S</LockDuration>", text, StringComparison.Ordinal);
            Assert.Contains($"<id>https://localhost:{again.AdminPort}/kept", text, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Health_OfARunningNamespace_IsInTheOfficialWords()
    {
        await using var emulator = await StartAsync();
        using var http = Client(emulator);

        var (status, text) = await SendAsync(http, HttpMethod.Get, "health");

        Assert.Equal((HttpStatusCode.OK, """{"status":"healthy","message":"Service is healthy."}"""), (status, text));
    }

    [Theory]
    [InlineData("GET /$servicebus/websocket HTTP/1.1\r\nHost: localhost\r\n\r\n", "426")]
    [InlineData("GET /$servicebus/websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n", "400")]
    [InlineData("GET /$ServiceBus/WebSocket/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt, amqp\r\n\r\n", "101")]
    [InlineData("\u0016\u0003\u0001garbage that is no handshake at all and ends here.............", "")]
    public async Task Connection_ThatAsksForTheWrongThing_IsAnsweredAndThePortLivesOn(string request, string expected)
    {
        await using var emulator = await StartAsync();
        using var peer = new System.Net.Sockets.TcpClient();
        await peer.ConnectAsync(IPAddress.Loopback, emulator.AdminPort!.Value, Cancel);
        await peer.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), Cancel);
        var buffer = new byte[12];
        if (expected.Length > 0)
        {
            await TestDeadline.Within(peer.GetStream().ReadExactlyAsync(buffer, Cancel).AsTask());
            Assert.Equal($"HTTP/1.1 {expected}", Encoding.ASCII.GetString(buffer));
        }

        peer.Client.Dispose();
        using var http = Client(emulator);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(http, HttpMethod.Get, "health")).Status);
        await TestDeadline.Until(() => emulator.Snapshot().Connections == 0, "the connection is forgotten");
    }

    /// <summary>
    /// Every address of the port, plain and over TLS: what a page of the web can bring a browser to ask is answered with 403 and nothing
    /// else.
    /// </summary>
    [Theory]
    [InlineData("GET", "q?api-version=2021-05")]
    [InlineData("DELETE", "q?api-version=2021-05")]
    [InlineData("PUT", "new?api-version=2021-05")]
    [InlineData("GET", "health")]
    [InlineData("GET", "")]
    [InlineData("GET", "status.json")]
    [InlineData("GET", "$servicebus/websocket")]
    public async Task Request_OfAForeignHostOrOrigin_IsRefused(string method, string address)
    {
        await using var emulator = await StartAsync(new QueueSettings { Name = "q" });
        using var trusting = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var https = new HttpClient(trusting) { BaseAddress = new Uri($"https://localhost:{emulator.AdminPort}/") };
        using var http = Client(emulator);

        foreach (var client in new[] { http, https })
        {
            foreach (var (host, origin) in new[] { ("evil.example:5300", null), ("localhost.evil.example", null), ("localhost", "https://evil.example"), ("localhost", "null") })
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), address);
                request.Headers.Host = host;
                if (origin is not null) request.Headers.Add("Origin", origin);
                if (method == "PUT") request.Content = new StringContent("<entry><content><QueueDescription/></content></entry>");
                using var response = await client.SendAsync(request, Cancel);
                Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
                Assert.StartsWith("Expected", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
            }
        }

        Assert.Equal(["q"], emulator.Snapshot().Entities.Select(entity => entity.Path));
    }

    [Fact]
    public async Task WebSocket_WithAnOrigin_OpensForPagesOfThisMachineOnly()
    {
        await using var emulator = await StartAsync();
        var address = new Uri($"ws://localhost:{emulator.AdminPort}/$servicebus/websocket");

        using (var foreign = Socket("https://evil.example"))
        {
            var refused = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => foreign.ConnectAsync(address, Cancel));
            Assert.Equal(HttpStatusCode.Forbidden, foreign.HttpStatusCode);
            Assert.NotNull(refused);
        }

        using var own = Socket("http://localhost:3000");
        await own.ConnectAsync(address, Cancel);
        Assert.Equal("amqp", own.SubProtocol);

        static System.Net.WebSockets.ClientWebSocket Socket(string origin)
        {
            var socket = new System.Net.WebSockets.ClientWebSocket();
            socket.Options.AddSubProtocol("amqp");
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.SetRequestHeader("Origin", origin);
            return socket;
        }
    }

    [Fact]
    public async Task Start_WithHostNames_AnswersToThemAndSaysTheFirst()
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { AmqpPort = 0, AdminPort = 0, HostNames = ["servicebus", "bus.internal"] }, Cancel);
        using var http = Client(emulator);

        foreach (var (host, expected) in new[] { ("servicebus:5300", 200), ("bus.internal", 200), ("localhost", 200), ("other", 403) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "health");
            request.Headers.Host = host;
            using var response = await http.SendAsync(request, Cancel);
            Assert.Equal((host, expected), (host, (int)response.StatusCode));
        }

        Assert.StartsWith($"Endpoint=sb://servicebus:{emulator.AmqpEndpoint.Port};", emulator.ConnectionString, StringComparison.Ordinal);
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(
            emulator.AdminCertificatePath!);
        Assert.True(certificate.MatchesHostname("bus.internal") && certificate.MatchesHostname("localhost") && certificate.MatchesHostname("127.0.0.1"));
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost")]
    [InlineData("::1", "[::1]")]
    [InlineData("0.0.0.0", "localhost")]
    [InlineData("127.0.0.2", "127.0.0.2")]
    public async Task Start_OnAnAddress_PrintsStringsThatLeadThere(string address, string host)
    {
        await using var emulator = await ServiceBusEmulator.StartAsync(
            new ServiceBusEmulatorOptions { Address = IPAddress.Parse(address), AmqpPort = 0, AdminPort = 0 }, Cancel);

        Assert.StartsWith($"Endpoint=sb://{host}:{emulator.AmqpEndpoint.Port};", emulator.ConnectionString, StringComparison.Ordinal);
        Assert.StartsWith($"Endpoint=sb://{host}:{emulator.AdminPort};", emulator.AdminConnectionString, StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{host}:{emulator.AdminPort}/") };
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(http, HttpMethod.Get, "health")).Status);
    }

    /// <summary>Every port of an emulator on 127.0.0.1, for whoever resolves localhost to ::1.</summary>
    [Fact]
    public async Task Start_OnLoopback_AnswersOnBothAddresses()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "Needs ::1, which this machine has not.");
        await using var emulator = await StartAsync(new QueueSettings { Name = "q" });
        foreach (var address in new[] { "127.0.0.1", "::1" })
        {
            using var http = new HttpClient { BaseAddress = new UriBuilder("http", address, emulator.AdminPort!.Value).Uri };
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(http, HttpMethod.Get, "health")).Status);
            await using var connection = await Relay.Testing.Amqp.AmqpClientConnection.ConnectAsync(
                new Relay.Testing.Amqp.AmqpClientOptions { Host = address, Port = emulator.AmqpEndpoint.Port }, Cancel);
            Assert.True(connection.IsOpen);
        }
    }

    /// <summary>
    /// Everything that the state folder holds, also what is beside the journal while it is open, and what a version before left readable.
    /// </summary>
    [Fact]
    public async Task Start_WithStateFolder_LeavesNothingThatOthersMayRead()
    {
        if (OperatingSystem.IsWindows()) return;
        var parent = Directory.CreateTempSubdirectory("relay-admin-");
        try
        {
            var folder = Path.Combine(parent.FullName, "made");
            await using (await StartAsync(folder))
            {
            }

            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
            foreach (var file in Directory.GetFiles(folder))
            {
                File.SetUnixFileMode(
                    file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            }

            await using var again = await StartAsync(folder);
            using (var http = Client(again))
            {
                Assert.Equal(HttpStatusCode.Created, (await SendAsync(http, HttpMethod.Put, "q" + Version, "<entry><content><QueueDescription/></content></entry>")).Status);
            }

            var readable = new List<string?>();
            foreach (var file in Directory.GetFiles(folder))
            {
                if ((File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
                {
                    readable.Add(Path.GetFileName(file));
                }
            }

            Assert.Equal(["admin-certificate.pem"], readable);
            Assert.True(File.Exists(Path.Combine(folder, "service-bus.db-wal")));
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }

    private static Task<ServiceBusEmulator> StartAsync(params QueueSettings[] queues) => ServiceBusEmulator.StartAsync(
        new ServiceBusEmulatorOptions { AmqpPort = 0, AdminPort = 0, Topology = new() { Queues = queues } }, Cancel);

    private static Task<ServiceBusEmulator> StartAsync(string folder) => ServiceBusEmulator.StartAsync(
        new ServiceBusEmulatorOptions { AmqpPort = 0, AdminPort = 0, StateFolder = folder }, Cancel);

    private static HttpClient Client(ServiceBusEmulator emulator) => new() { BaseAddress = new Uri($"http://localhost:{emulator.AdminPort}/") };

    private static async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpClient http, HttpMethod method, string address, string? body = null)
    {
        using var request = new HttpRequestMessage(method, address);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/atom+xml");
        using var response = await http.SendAsync(request, Cancel);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }

    private static string Token(string resource, string key)
    {
        var audience = Uri.EscapeDataString(resource);
        var expiry = TimeProvider.System.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds();
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{audience}\n{expiry}")));
        return $"SharedAccessSignature sr={audience}&sig={Uri.EscapeDataString(signature)}&se={expiry}&skn=Root";
    }
}

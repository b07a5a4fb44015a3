using System.Net;
using Microsoft.AspNetCore.Http;
using Emulator.Hosting;

namespace Emulator.ServiceBus.Tests.Hosting;

public sealed class LocalCallersTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:5300")]
    [InlineData("localhost.:5300")]
    [InlineData("app.localhost:5300")]
    [InlineData("127.0.0.1:5300")]
    [InlineData("127.8.9.10")]
    [InlineData("[::1]:5300")]
    [InlineData("servicebus:5300")]
    [InlineData("ServiceBus")]
    public void Refusal_HostOfThisMachine_IsNone(string host) => Assert.Null(Callers().Refusal(new HostString(host), []));

    [Theory]
    [InlineData("")]
    [InlineData("evil.example")]
    [InlineData("evil.example:5300")]
    [InlineData("localhost.evil.example")]
    [InlineData("notlocalhost")]
    [InlineData("localhost@evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("0.0.0.0:5300")]
    [InlineData("0:5300")]
    [InlineData("127.1:5300")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("192.168.1.5:5300")]
    [InlineData("[2001:db8::1]:5300")]
    [InlineData("servicebus.evil.example")]
    public void Refusal_AnyOtherHost_SaysWhatWasExpected(string host)
    {
        var reason = Callers().Refusal(new HostString(host), []);
        Assert.Contains("localhost, 127.0.0.1, [::1], servicebus", reason, StringComparison.Ordinal);
        if (host.Length > 0) Assert.Contains(host, reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:3000", true)]
    [InlineData("https://127.0.0.1", true)]
    [InlineData("http://[::1]:5300", true)]
    [InlineData("http://servicebus:8080", true)]
    [InlineData("null", false)]
    [InlineData("", false)]
    [InlineData("http://evil.example", false)]
    [InlineData("https://localhost.evil.example", false)]
    [InlineData("http://192.168.1.5", false)]
    [InlineData("file://", false)]
    [InlineData("chrome-extension://localhost", false)]
    [InlineData("http://localhost:3000 http://evil.example", false)]
    public void Refusal_Origin_IsNoneForPagesOfThisMachineOnly(string origin, bool isAllowed) =>
        Assert.Equal(isAllowed, Callers().Refusal(new HostString("localhost:5300"), [origin]) is null);

    [Fact]
    public void Refusal_OneOriginOfTwoForeign_IsRefused() =>
        Assert.NotNull(Callers().Refusal(new HostString("localhost"), ["http://localhost", "http://evil.example"]));

    /// <summary>An address is no name that somebody could point here; a page at another address is another host's all the same.</summary>
    [Theory]
    [InlineData("192.168.1.5:5300", null, true)]
    [InlineData("[2001:db8::1]:5300", null, true)]
    [InlineData("192.168.1.5:5300", "http://192.168.1.5:5300", true)]
    [InlineData("192.168.1.5:5300", "http://192.168.1.5:80", false)]
    [InlineData("192.168.1.5:5300", "http://192.168.1.6", false)]
    [InlineData("evil.example:5300", null, false)]
    [InlineData("evil.example:5300", "http://evil.example:5300", false)]
    public void Refusal_WhereOthersReachIt_LetsAddressesThrough(string host, string? origin, bool isAllowed)
    {
        var callers = new LocalCallers(IPAddress.Any, []);
        Assert.Equal(isAllowed, callers.Refusal(new HostString(host), origin is null ? [] : [origin]) is null);
    }

    private static LocalCallers Callers() => new(IPAddress.Loopback, ["servicebus"]);
}

using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Relay.Functions.Callers;
using Relay.Functions.Http;
using Relay.Testing;

namespace Relay.Functions.Tests.Callers;

public sealed class StrangerLimitsTests
{
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.0/24")]
    [InlineData("::ffff:192.0.2.200", "192.0.2.0/24")]
    [InlineData("2001:db8:1:2:3:4:5:6", "20010db80001/48")]
    [InlineData("2001:db8:1:ffff::1", "20010db80001/48")]
    public void Of_Address_IsItsNetwork(string address, string expected) =>
        Assert.Equal(expected, AddressClass.Of(IPAddress.Parse(address)));

    [Theory]
    // The last is the front end's own word, whatever came before it.
    [InlineData("203.0.113.9:51234", "203.0.113.0/24")]
    [InlineData("192.0.2.1, 203.0.113.9:51234", "203.0.113.0/24")]
    [InlineData("[2001:db8:1::1]:443", "20010db80001/48")]
    [InlineData("nonsense", "unknown")]
    [InlineData("", "unknown")]
    public void Of_HeaderOfTheFrontEnd_CountsWhereThePlatformVouchesForIt(string header, string expected)
    {
        Assert.Equal(expected, Class(true, true).Of(Context("198.51.100.1", header)));
        Assert.Equal("198.51.100.0/24", Class(false, true).Of(Context("198.51.100.1", header)));
        Assert.Equal("198.51.100.0/24", Class(true, false).Of(Context("198.51.100.1", header)));
    }

    [Fact]
    public void Enter_OfOneClass_IsLimitedExactlyAndTellsWhenToComeAgain()
    {
        var limits = Limits(addressPerSecond: 10, addressBurst: 5);
        for (var i = 0; i < 5; i++) Assert.Null(limits.Enter(Context("192.0.2.1")).Over);
        var over = limits.Enter(Context("192.0.2.99")).Over;
        Assert.Equal(["address"], over!.Quotas.Where(quota => quota.IsViolated).Select(quota => quota.Name));
        Assert.Equal(TimeSpan.FromMilliseconds(100), over.After);
        Assert.Null(limits.Enter(Context("192.0.3.1")).Over);
        _time.Advance(over.After - TimeSpan.FromMicroseconds(1));
        Assert.NotNull(limits.Enter(Context("192.0.2.1")).Over);
        _time.Advance(TimeSpan.FromMicroseconds(1));
        Assert.Null(limits.Enter(Context("192.0.2.1")).Over);
        Assert.NotNull(limits.Enter(Context("192.0.2.1")).Over);
    }

    [Fact]
    public void Enter_WhileTheClockIsSet_IsHeldToTheSameLimit()
    {
        var clock = new SetClock(_time) { Offset = TimeSpan.FromMinutes(10) };
        var limits = Limits(addressPerSecond: 10, addressBurst: 5, time: clock);
        for (var i = 0; i < 5; i++) Assert.Null(limits.Enter(Context("192.0.2.1")).Over);
        clock.Offset = -TimeSpan.FromMinutes(10);
        var over = limits.Enter(Context("192.0.2.1")).Over;
        Assert.Equal(TimeSpan.FromMilliseconds(100), over!.After);
        Assert.Equal(clock.GetUtcNow() + over.After, over.Wait!.Until);
        _time.Advance(over.After);
        Assert.Null(limits.Enter(Context("192.0.2.1")).Over);
        clock.Offset = TimeSpan.FromMinutes(10);
        Assert.NotNull(limits.Enter(Context("192.0.2.1")).Over);
    }

    [Fact]
    public void Enter_OfWhatProvesItself_CostsNothing()
    {
        var limits = Limits(addressPerSecond: 1, addressBurst: 2, strangersPerSecond: 1, strangersBurst: 2);
        for (var i = 0; i < 1_000; i++)
        {
            var pass = limits.Enter(Context("192.0.2.1"));
            Assert.Null(pass.Over);
            pass.Proved();
        }
    }

    [Fact]
    public void Strangers_OfEveryClassThereIs_TakeNothingFromAClassThatHasProvedItself()
    {
        var limits = Limits(strangersPerSecond: 100, strangersBurst: 100);
        limits.Enter(Context("192.0.2.1")).Proved();
        var let = 0;
        for (var second = 0; second < 60; second++)
        {
            for (var i = 0; i < 1_000; i++)
            {
                var stranger = $"10.{(second * 4) + (i / 250)}.{i % 250}.1";
                if (limits.Enter(Context(stranger)).Over is null) let++;
                else Assert.Contains(limits.Enter(Context(stranger)).Over!.Quotas, quota => quota is { Name: "strangers", IsViolated: true });
            }

            for (var i = 0; i < 200; i++)
            {
                var pass = limits.Enter(Context("192.0.2.50"));
                Assert.Null(pass.Over);
                pass.Proved();
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(let, 100 * 60, 100 * 61);
        // A class that has proved nothing for an hour is a stranger's again.
        _time.Advance(TimeSpan.FromHours(1));
        while (limits.Enter(Context("10.250.1.1")).Over is null) { }
        while (limits.Enter(Context("10.250.2.1")).Over is null) { }
        Assert.NotNull(limits.Enter(Context("192.0.2.1")).Over);
    }

    [Fact]
    public void Classes_WithoutEnd_TakeBoundedMemoryAndNobodysStandingIsForgottenForThem()
    {
        var limits = Limits(addressPerSecond: 1, addressBurst: 1, strangersPerSecond: 100_000, strangersBurst: 100_000);
        limits.Enter(Context("192.0.2.1")).Proved();
        Assert.Null(limits.Enter(Context("192.0.2.1")).Over);
        for (var i = 0; i < 60_000; i++)
        {
            limits.Enter(Context(string.Create(CultureInfo.InvariantCulture, $"10.{i >> 8}.{i & 255}.1")));
        }

        Assert.InRange(limits.Count, 1, StrangerLimits.MostClasses + 1);
        // As it was: neither forgotten, which would give it another, nor among the others.
        Assert.NotNull(limits.Enter(Context("192.0.2.1")).Over);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(limits.Enter(Context("192.0.2.1")).Over);
        // And those that are whole again have gone.
        _time.Advance(TimeSpan.FromMinutes(1));
        limits.Enter(Context("172.16.0.1"));
        Assert.InRange(limits.Count, 1, 3);
    }

    private StrangerLimits Limits(
        int addressPerSecond = 10, int addressBurst = 200, int strangersPerSecond = 100_000, int strangersBurst = 100_000,
        TimeProvider? time = null) =>
        new(
            Options.Create(new SubmissionOptions
            {
                AddressPerSecond = addressPerSecond,
                AddressBurst = addressBurst,
                StrangersPerSecond = strangersPerSecond,
                StrangersBurst = strangersBurst,
            }),
            Class(false, false),
            time ?? _time);

    private static AddressClass Class(bool isSet, bool isAppService)
    {
        var platform = new Dictionary<string, string?>();
        if (isAppService) (platform["WEBSITE_SITE_NAME"], platform["WEBSITE_INSTANCE_ID"]) = ("relay", "1");
        return new AddressClass(
            Options.Create(new CallerOptions { FrontEndCertificates = isSet }),
            new ConfigurationBuilder().AddInMemoryCollection(platform).Build());
    }

    private static DefaultHttpContext Context(string address, string? forwardedFor = null)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        if (forwardedFor is not null) context.Request.Headers["X-Forwarded-For"] = forwardedFor;
        return context;
    }
}

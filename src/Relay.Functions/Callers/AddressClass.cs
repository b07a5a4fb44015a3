using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Relay.Functions.Callers;

/// <summary>
/// Where a request comes from, as coarse as one party has addresses: an IPv4 /24 or an IPv6 /48. Safe for concurrent use.
/// </summary>
/// <remarks>
/// It is the connection's, or the last of <c>X-Forwarded-For</c> where the platform vouches for that: App Service's front end puts the
/// address that it saw behind whatever came. The condition is that of the certificate's header (<see cref="CallerReader"/>); elsewhere
/// anybody could write the header, and it is not looked at.
/// </remarks>
public sealed class AddressClass
{
    private const string ForwardedFor = "X-Forwarded-For";

    // RFC 6177 section 2 and RIPE-690: a site has a /48 or a /56; one that has less is limited with its neighbours.
    private const int BytesOfIPv6 = 6;

    private readonly bool _frontEnd;

    public AddressClass(IOptions<CallerOptions> options, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(options);
        _frontEnd = FrontEnd.VouchesFor(options.Value, configuration);
    }

    /// <summary>The class of a request's address, with its length; a text that cannot be read is a class of its own.</summary>
    public string Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!_frontEnd) return Of(context.Connection.RemoteIpAddress);
        var forwarded = context.Request.Headers[ForwardedFor];
        var last = forwarded.Count == 0 ? "" : forwarded[^1] ?? "";
        var text = last.AsSpan(last.LastIndexOf(',') + 1).Trim();
        return Of(IPEndPoint.TryParse(text, out var seen) ? seen.Address : null);
    }

    internal static string Of(IPAddress? address)
    {
        if (address is null) return "unknown";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? $"{bytes[0]}.{bytes[1]}.{bytes[2]}.0/24"
            : $"{Convert.ToHexStringLower(bytes.AsSpan(0, BytesOfIPv6))}/48";
    }
}

using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Emulator.Hosting;

/// <summary>
/// Who may ask an emulator that lets in any token: whoever names it by a loopback name,
/// or by a name it was told of. A web page cannot choose these headers; what it
/// can do is to point a name of its own at this machine (DNS rebinding), which then
/// stands in <c>Host</c>, and to open a WebSocket, which then names it in <c>Origin</c>.
/// </summary>
/// <remarks>
/// RFC 9110 section 7.2 (Host), RFC 6454 section 7 (Origin), RFC 6455 section 10.2 (servers check the origin of WebSockets).
/// </remarks>
internal sealed class LocalCallers
{
    private const int MaxShown = 100;
    private readonly HashSet<string> _hosts;
    private readonly bool _isOpen;

    /// <param name="address">Where the server listens: where others reach it, they may
    /// call it by any address, which is no name that could be pointed here.</param>
    /// <param name="hosts">Host names besides the loopback ones, without port.</param>
    public LocalCallers(IPAddress address, IEnumerable<string> hosts)
    {
        _hosts = new(hosts.Select(Bare), StringComparer.OrdinalIgnoreCase);
        _isOpen = !IPAddress.IsLoopback(address);
    }

    /// <summary>Refuses everybody else before anything of the request is looked at.</summary>
    public void Guard(IApplicationBuilder application) => application.Use(next => context =>
        Refusal(context.Request.Host, context.Request.Headers.Origin) is { } reason ? RefuseAsync(context, reason) : next(context));

    /// <summary>Why a request is refused, in words for its sender; null when it is not.</summary>
    /// <param name="host">As the request has it; a request without one is refused.</param>
    /// <param name="origins">Of browsers; other clients send none.</param>
    public string? Refusal(HostString host, IReadOnlyList<string?> origins)
    {
        if (!host.HasValue || !(IsKnown(host.Host) || (_isOpen && IPAddress.TryParse(Bare(host.Host), out _))))
        {
            return $"Expected a Host of this machine (localhost, 127.0.0.1, [::1]{Others()}), got {Shown(host.Value)}: the "
                + "emulator lets in any token, "
                + "and a web page may have led a browser here.";
        }

        foreach (var origin in origins)
        {
            if (Uri.TryCreate(origin, UriKind.Absolute, out var page)
                && page.Scheme is "http" or "https"
                && (IsKnown(page.IdnHost) || page.Authority == host.Value))
            {
                continue;
            }
            return $"Expected no Origin, or one of this machine, got {Shown(origin)}: pages of other hosts have no business here.";
        }

        return null;
    }

    private string Others() => string.Concat(_hosts.Select(host => ", " + host));

    private bool IsKnown(string host)
    {
        var bare = Bare(host);
        return bare.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || bare.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(bare, out var address) && IPAddress.IsLoopback(address) && IsPlain(bare, address))
            || _hosts.Contains(bare);
    }

    /// <summary>Forms such as <c>127.1</c> or <c>2130706433</c> are names to some and addresses to others.</summary>
    private static bool IsPlain(string text, IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 || address.ToString() == text;

    private static string Bare(string host) => host.Trim('[', ']').TrimEnd('.');

    private static string Shown(string? value) =>
        string.IsNullOrEmpty(value) ? "none" : $"'{(value.Length <= MaxShown ? value : value[..MaxShown])}'";

    private static Task RefuseAsync(HttpContext context, string reason)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(reason, context.RequestAborted);
    }
}

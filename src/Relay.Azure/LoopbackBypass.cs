using System.Net;

namespace Relay.Azure;

/// <summary>
/// The proxy of this machine's settings (<c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>,
/// <c>ALL_PROXY</c>), which is asked for nothing on this machine: it
/// would look for <c>localhost</c> on its own.
/// </summary>
/// <remarks><c>NO_PROXY</c> leaves loopback out only where somebody has thought of it.</remarks>
public sealed class LoopbackBypass : IWebProxy
{
    private readonly IWebProxy _proxy;

    /// <param name="proxy">Asked for every other address.</param>
    public LoopbackBypass(IWebProxy proxy)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        _proxy = proxy;
    }

    /// <inheritdoc/>
    public ICredentials? Credentials
    {
        get => _proxy.Credentials;
        set => _proxy.Credentials = value;
    }

    /// <summary>
    /// Stands before the proxy of every client in this process that names none
    /// itself; for a program's first line, since clients keep what they found.
    /// </summary>
    public static void Install()
    {
        if (HttpClient.DefaultProxy is not LoopbackBypass) HttpClient.DefaultProxy = new LoopbackBypass(HttpClient.DefaultProxy);
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : _proxy.GetProxy(destination);

    /// <inheritdoc/>
    public bool IsBypassed(Uri host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.IsLoopback || _proxy.IsBypassed(host);
    }
}

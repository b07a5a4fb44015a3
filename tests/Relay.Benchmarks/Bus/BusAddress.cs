using Relay.Cli;

namespace Relay.Benchmarks.Bus;

/// <summary>A broker's entity as plain AMQP 1.0 clients address it.</summary>
/// <param name="Host">Host name or address.</param>
/// <param name="Port">Port of plain TCP.</param>
/// <param name="Node">The entity, as it stands in source and target.</param>
/// <param name="User">User for SASL PLAIN; null for anonymous.</param>
internal sealed record BusAddress(string Host, int Port, string Node, string? User, string? Password)
{
    private const int DefaultPort = 5672;

    /// <summary>
    /// Reads <c>amqp://user:password@host:port//amq/queue/name</c>: what follows the first slash after the authority is the node, as it is.
    /// </summary>
    /// <exception cref="CliFault">It is no such address.</exception>
    public static BusAddress Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme != "amqp" || uri.AbsolutePath.Length < 2)
        {
            throw new CliFault(
                $"Expected an address such as amqp://guest:guest@localhost:5672//amq/queue/bench, got '{text}'.",
                "Name scheme, host and node.");
        }

        var user = uri.UserInfo.Split(':', 2);
        return new BusAddress(
            uri.Host,
            uri.IsDefaultPort ? DefaultPort : uri.Port,
            Uri.UnescapeDataString(uri.AbsolutePath[1..]),
            user[0].Length == 0 ? null : Uri.UnescapeDataString(user[0]),
            user.Length < 2 ? "" : Uri.UnescapeDataString(user[1]));
    }
}

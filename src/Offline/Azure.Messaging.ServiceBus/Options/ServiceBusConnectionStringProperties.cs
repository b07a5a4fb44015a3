#nullable disable annotations
namespace Azure.Messaging.ServiceBus;

/// <summary>The parts of a Service Bus connection string.</summary>
public class ServiceBusConnectionStringProperties
{
    private const string Malformed = "The connection string could not be parsed; either it was malformed or contains no well-known tokens.";

    /// <summary>The host of <see cref="Endpoint"/>; null without one.</summary>
    public string FullyQualifiedNamespace => Endpoint?.Host;

    /// <summary>Where the namespace is, with scheme <c>sb</c> and the port if the string names one.</summary>
    public Uri Endpoint { get; private set; }

    /// <summary>The queue or topic the string is restricted to; null when it is the namespace's.</summary>
    public string EntityPath { get; private set; }

    /// <summary>Name of the shared access key; null without one.</summary>
    public string SharedAccessKeyName { get; private set; }

    /// <summary>The shared access key; null without one. A secret.</summary>
    public string SharedAccessKey { get; private set; }

    /// <summary>A ready-made shared access signature; null without one. A secret.</summary>
    public string SharedAccessSignature { get; private set; }

    internal bool UseDevelopmentEmulator { get; private set; }

    /// <summary>Takes a connection string apart. Keys are case-insensitive, unknown ones ignored, values may contain <c>=</c>.</summary>
    /// <param name="connectionString">Pairs of key and value, divided by <c>;</c>.</param>
    /// <exception cref="ArgumentException">Null or empty.</exception>
    /// <exception cref="FormatException">A part is no pair, a value is empty, or the endpoint is no address.</exception>
    public static ServiceBusConnectionStringProperties Parse(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        var properties = new ServiceBusConnectionStringProperties();
        foreach (var part in connectionString.Split(';'))
        {
            if (part.Length == 0)
            {
                continue;
            }

            var separator = part.IndexOf('=', StringComparison.Ordinal);
            if (separator < 0)
            {
                throw new FormatException(Malformed);
            }

            var value = part[(separator + 1)..].Trim();
            if (value.Length == 0)
            {
                throw new FormatException(Malformed);
            }

            properties.Take(part.AsSpan(0, separator).Trim(), value);
        }

        return properties;
    }

    private void Take(ReadOnlySpan<char> key, string value)
    {
        if (key.Equals("Endpoint", StringComparison.OrdinalIgnoreCase)) Endpoint = ParseEndpoint(value);
        else if (key.Equals("EntityPath", StringComparison.OrdinalIgnoreCase)) EntityPath = value;
        else if (key.Equals("SharedAccessKeyName", StringComparison.OrdinalIgnoreCase)) SharedAccessKeyName = value;
        else if (key.Equals("SharedAccessKey", StringComparison.OrdinalIgnoreCase)) SharedAccessKey = value;
        else if (key.Equals("SharedAccessSignature", StringComparison.OrdinalIgnoreCase)) SharedAccessSignature = value;
        else if (key.Equals("UseDevelopmentEmulator", StringComparison.OrdinalIgnoreCase))
        {
            UseDevelopmentEmulator = bool.TryParse(value, out var use) && use;
        }
    }

    // The scheme is replaced whatever it was; a bare host counts too.
    private static Uri ParseEndpoint(string value)
    {
        var address = value.Contains("://", StringComparison.Ordinal) ? value : "sb://" + value;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var given))
        {
            throw new FormatException(Malformed);
        }

        if (Uri.CheckHostName(given.Host) == UriHostNameType.Unknown)
        {
            throw new FormatException(Malformed);
        }

        return new UriBuilder("sb", given.Host, given.IsDefaultPort ? -1 : given.Port).Uri;
    }
}

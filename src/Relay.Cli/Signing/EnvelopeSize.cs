using System.Globalization;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Signing;

/// <summary>What fits the bus and the relay, asked before a sequence is taken.</summary>
internal static class EnvelopeSize
{
    /// <summary>What every relay takes: a Standard bus ends a message, its properties and the receipt included, at 256 KB.</summary>
    public const int Usual = 192 * 1024;

    // Twice base64url (ciphertext, content) and padding of up to an eighth.
    private const double Growth = 4 / 3.0 * 4 / 3.0 * 9 / 8.0;

    // Headers, ids, times, and a handful of recipients and signatures.
    private const int Overhead = 4 * 1024;

    /// <exception cref="CliFault">It is larger than <paramref name="maxBytes"/>.</exception>
    public static void CheckEnvelope(int bytes, int maxBytes)
    {
        if (bytes > maxBytes)
        {
            throw new CliFault(
                $"The envelope would have {Text(bytes)} bytes, and {Text(maxBytes)} are taken. Nothing was numbered.", Fix(maxBytes));
        }
    }

    /// <summary>Refuses what cannot fit without reading it.</summary>
    /// <exception cref="CliFault">The content alone is larger than <paramref name="maxBytes"/>.</exception>
    public static void CheckContent(string name, long bytes, int maxBytes)
    {
        if (bytes > maxBytes)
        {
            throw new CliFault(
                $"{name} has {Text(bytes)} bytes, and an envelope at most {Text(maxBytes)}. Nothing was numbered.", Fix(maxBytes));
        }
    }

    private static string Fix(int maxBytes)
    {
        var raise = maxBytes < EnvelopeLimits.DefaultMaxWireBytes
            ? $", or, for a relay on a Premium bus, say --max-bytes {EnvelopeLimits.DefaultMaxWireBytes}"
            : "";
        return $"Give content of at most about {Text((long)((maxBytes - Overhead) / Growth))} bytes{raise}; send what is larger by "
            + "another way and its hash by this one.";
    }

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace Relay.Client.Tests.Adversary;

/// <summary>How many traces, and from which seed on, by environment variables.</summary>
internal static class TraceSettings
{
    public static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;
}

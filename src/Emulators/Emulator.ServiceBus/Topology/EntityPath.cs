namespace Emulator.ServiceBus.Topology;

/// <summary>How entities are addressed. Comparison is case-insensitive everywhere.</summary>
internal static class EntityPath
{
    public const string DeadLetterSuffix = "/$DeadLetterQueue";
    public const string ManagementSuffix = "/$management";
    private const string SubscriptionsPart = "/Subscriptions/";

    public const string TransferDeadLetterSuffix = "/$Transfer/$DeadLetterQueue";

    public static string TransferDeadLetters(string path) => path + TransferDeadLetterSuffix;

    /// <summary>Where messages are forwarded to, from a setting that may be an address or empty.</summary>
    public static string? Destination(string? setting) => string.IsNullOrEmpty(setting) ? null : Normalise(setting);

    public static string DeadLetters(string path) => path + DeadLetterSuffix;

    public static string Subscription(string topic, string subscription) => topic + SubscriptionsPart + subscription;

    /// <summary>The queue, topic or subscription that a store belongs to.</summary>
    public static string Owner(string store)
    {
        TryStrip(store, TransferDeadLetterSuffix, out var rest);
        TryStrip(rest, DeadLetterSuffix, out rest);
        return rest;
    }

    /// <summary>The queue or topic that a store belongs to.</summary>
    public static string TopLevel(string store)
    {
        var owner = Owner(store);
        return TrySplitSubscription(owner, out var topic, out _) ? topic : owner;
    }

    /// <summary>Topic and name in a subscription's path; false for any other path.</summary>
    public static bool TrySplitSubscription(string path, out string topic, out string name)
    {
        var at = path.LastIndexOf(SubscriptionsPart, StringComparison.OrdinalIgnoreCase);
        (topic, name) = at <= 0 ? ("", "") : (path[..at], path[(at + SubscriptionsPart.Length)..]);
        return name.Length > 0;
    }

    /// <summary>The path in an address: scheme and authority of a URL, and slashes around it, taken off; percent-decoded once.</summary>
    public static string Normalise(string address)
    {
        var authority = address.IndexOf("://", StringComparison.Ordinal);
        if (authority >= 0)
        {
            var path = address.IndexOf('/', authority + 3);
            address = path < 0 ? "" : address[path..];
        }

        return Uri.UnescapeDataString(address.Trim('/'));
    }

    /// <summary>Takes a suffix off, if there.</summary>
    public static bool TryStrip(string path, string suffix, out string rest)
    {
        var found = path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase);
        rest = found ? path[..^suffix.Length] : path;
        return found;
    }
}

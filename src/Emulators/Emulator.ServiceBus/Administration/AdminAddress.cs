using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Administration;

/// <summary>What an administration request is about.</summary>
internal enum AdminResource
{
    NamespaceInfo,
    Queues,
    Topics,

    /// <summary>A queue or topic.</summary>
    Entity,
    Subscriptions,
    Subscription,
    Rules,
    Rule,
}

/// <summary>A path of the administration surface. Fixed parts compare case-insensitively; a slash at the end means nothing.</summary>
/// <param name="Resource">What it names.</param>
/// <param name="Entity">Path of the queue or topic, empty for the namespace.</param>
/// <param name="Subscription">Name, or empty.</param>
/// <param name="Rule">Name, or empty.</param>
internal readonly record struct AdminAddress(AdminResource Resource, string Entity, string Subscription, string Rule)
{
    private const string SubscriptionsPart = "/Subscriptions";
    private const string RulesPart = "/Rules";

    public string SubscriptionPath => EntityPath.Subscription(Entity, Subscription);

    /// <param name="path">Normalised.</param>
    /// <param name="address">What it names; a path of no other form is an entity's.</param>
    /// <returns>False when it names nothing there can be.</returns>
    public static bool TryParse(string path, out AdminAddress address)
    {
        address = default;
        if (path.Length == 0) return false;
        if (path[0] == '$')
        {
            AdminResource? resource = path.ToUpperInvariant() switch
            {
                "$NAMESPACEINFO" => AdminResource.NamespaceInfo,
                "$RESOURCES/QUEUES" => AdminResource.Queues,
                "$RESOURCES/TOPICS" => AdminResource.Topics,
                _ => null,
            };
            address = new AdminAddress(resource.GetValueOrDefault(), "", "", "");
            return resource is not null;
        }

        // Names of queues and topics may contain slashes, those of subscriptions and rules may not: read from the end.
        var rules = LastPart(path, RulesPart);
        var subscriptions = LastPart(path, SubscriptionsPart);
        if (rules > subscriptions && subscriptions > 0)
        {
            var (entity, subscription) = (path[..subscriptions], Tail(path[..rules], subscriptions + SubscriptionsPart.Length));
            var rule = Tail(path, rules + RulesPart.Length);
            if (subscription.Length > 0 && !subscription.Contains('/', StringComparison.Ordinal))
            {
                address = new AdminAddress(rule.Length == 0 ? AdminResource.Rules : AdminResource.Rule, entity, subscription, rule);
                return true;
            }
        }

        if (subscriptions > 0)
        {
            var subscription = Tail(path, subscriptions + SubscriptionsPart.Length);
            address = new AdminAddress(
                subscription.Length == 0 ? AdminResource.Subscriptions : AdminResource.Subscription,
                path[..subscriptions],
                subscription,
                "");
            return true;
        }

        address = new AdminAddress(AdminResource.Entity, path, "", "");
        return true;
    }

    /// <summary>Where the part begins as a whole path segment, the last time; -1 when nowhere.</summary>
    private static int LastPart(string path, string part)
    {
        for (var at = path.Length; at > 0;)
        {
            at = path.LastIndexOf(part, at - 1, StringComparison.OrdinalIgnoreCase);
            if (at < 0) return -1;
            var end = at + part.Length;
            if (end == path.Length || path[end] == '/') return at;
        }

        return -1;
    }

    private static string Tail(string path, int from) => from >= path.Length ? "" : path[(from + 1)..];
}

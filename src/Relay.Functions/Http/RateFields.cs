using System.Globalization;
using Microsoft.AspNetCore.Http;
using Relay.Core.Ledger.Reading;

namespace Relay.Functions.Http;

/// <summary>
/// The fields by which a client learns how fast it may go (draft-ietf-httpapi-ratelimit-headers-10): a policy is a name with quota and
/// window, what is left of it the name with how many and in how many seconds it is whole again. Structured Fields (RFC 9651), lists.
/// </summary>
internal static class RateFields
{
    private const string Policy = "RateLimit-Policy";
    private const string Limit = "RateLimit";

    public static void Write(IHeaderDictionary headers, RateStanding standing)
    {
        headers[Policy] = string.Join(
            ", ", standing.Quotas.Select(quota => Item(quota.Name, 'q', quota.Limit.Burst, 'w', Window(quota))));
        headers[Limit] = string.Join(
            ", ", standing.Quotas.Select(quota => Item(quota.Name, 'r', quota.Remaining, 't', Seconds(quota.Reset.TotalSeconds))));
    }

    // The time in which the burst comes back, which is the window in which the quota is that.
    private static long Window(RateQuota quota) => Seconds((double)quota.Limit.Burst / quota.Limit.PerSecond);

    private static long Seconds(double seconds) => Math.Max(1, (long)Math.Ceiling(seconds));

    private static string Item(string name, char first, long one, char second, long two) =>
        string.Create(CultureInfo.InvariantCulture, $"\"{name}\";{first}={one};{second}={two}");
}

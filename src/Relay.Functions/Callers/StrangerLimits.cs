using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Relay.Core.Ledger.Reading;
using Relay.Core.Rates;
using Relay.Core.Rulings;
using Relay.Functions.Http;
using Relay.Protocol.Negotiations;

namespace Relay.Functions.Callers;

/// <summary>
/// How much those who have proved nothing may have looked up in this process: by the class of their address, and all of them together.
/// Safe for concurrent use.
/// </summary>
/// <remarks>
/// <para>Each request costs one of both (<see cref="Gcra"/>), and what proves itself gets it back: so members are limited by their
/// negotiation's rates, and by these only as far as what they have under way. A class that has proved something is not held to the limit
/// of all for an hour: strangers of other classes, however many, take nothing from it.</para>
/// <para>At most <see cref="MostClasses"/> classes are kept. Those that have their whole burst again and have proved nothing go first;
/// when none can go, newcomers share one.</para>
/// </remarks>
public sealed class StrangerLimits
{
    /// <summary>Of some 100 bytes each.</summary>
    internal const int MostClasses = 10_000;

    private const string Others = "others";

    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    // Looking for classes that may go costs a walk: a stranger's new address must not.
    private static readonly TimeSpan BetweenWalks = TimeSpan.FromSeconds(1);

    private readonly AddressClass _addresses;
    private readonly TimeProvider _time;
    private readonly RateLimit _ofAddress;
    private readonly RateLimit _ofAll;

    // Guards all below. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Tally> _classes = new(StringComparer.Ordinal);
    private long _dueOfAll;
    private long _walkFrom;

    public StrangerLimits(IOptions<SubmissionOptions> options, AddressClass addresses, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _addresses = addresses;
        _time = time;
        _ofAddress = new RateLimit(options.Value.AddressPerSecond, options.Value.AddressBurst);
        _ofAll = new RateLimit(options.Value.StrangersPerSecond, options.Value.StrangersBurst);
    }

    /// <summary>Classes that are kept.</summary>
    internal int Count
    {
        get
        {
            lock (_gate) return _classes.Count;
        }
    }

    /// <summary>Takes one of what a request's caller may; to be called before anything is looked up for it.</summary>
    public StrangerPass Enter(HttpContext context)
    {
        var name = _addresses.Of(context);
        var now = Gcra.Elapsed(_time);
        lock (_gate)
        {
            var tally = Find(name, now);
            var isKnown = tally.ProvedUntil > now;
            var (ofAddress, ofAll) = (Gcra.Of(_ofAddress), Gcra.Of(_ofAll));
            var fromAddress = ofAddress.AdmitsFrom(tally.Due, now, 0);
            var fromAll = isKnown ? now : ofAll.AdmitsFrom(_dueOfAll, now, 0);
            if (fromAddress > now || fromAll > now)
            {
                List<RateQuota> quotas = [Quota("address", _ofAddress, ofAddress, tally.Due, fromAddress, now)];
                if (!isKnown) quotas.Add(Quota("strangers", _ofAll, ofAll, _dueOfAll, fromAll, now));
                var wait = TimeSpan.FromMicroseconds(Math.Max(fromAddress, fromAll) - now);
                return new StrangerPass(this, tally, false, Refuse(quotas, wait));
            }

            tally.Due = ofAddress.After(tally.Due, now);
            if (!isKnown) _dueOfAll = ofAll.After(_dueOfAll, now);
            return new StrangerPass(this, tally, !isKnown, null);
        }
    }

    internal void GiveBack(Tally tally, bool ofAll)
    {
        var now = Gcra.Elapsed(_time);
        lock (_gate)
        {
            tally.Due -= Gcra.Of(_ofAddress).Interval;
            tally.ProvedUntil = now + (long)Remembered.TotalMicroseconds;
            if (ofAll) _dueOfAll -= Gcra.Of(_ofAll).Interval;
        }
    }

    private static RateQuota Quota(string name, RateLimit limit, Gcra rate, long due, long from, long now) =>
        new(name, limit, rate.Remaining(due, now), Gcra.Reset(due, now), from > now);

    private RateStanding Refuse(List<RateQuota> quotas, TimeSpan wait)
    {
        var until = Gcra.Moment(Gcra.Microseconds(_time.GetUtcNow() + wait));
        var limits = string.Join(
            ", ",
            quotas.Select(quota => string.Create(
                CultureInfo.InvariantCulture, $"{quota.Limit.PerSecond} a second and {quota.Limit.Burst} at once ({quota.Name})")));
        var ruling = new Ruling(
            Verdict.RateLimited, ReasonCodes.TooManyUnproved, $"expected at most {limits} of what is not proved, got more")
        { Until = until };
        return new RateStanding(quotas, ruling, wait);
    }

    private Tally Find(string name, long now)
    {
        if (_classes.TryGetValue(name, out var tally)) return tally;
        if (_classes.Count >= MostClasses && now >= _walkFrom)
        {
            _walkFrom = now + (long)BetweenWalks.TotalMicroseconds;
            foreach (var (old, kept) in _classes)
            {
                if (kept.Due <= now && kept.ProvedUntil <= now) _classes.Remove(old);
            }
        }

        // One more than the most: the others' own.
        if (_classes.Count >= MostClasses) name = Others;
        if (!_classes.TryGetValue(name, out tally)) _classes.Add(name, tally = new Tally());
        return tally;
    }

    /// <summary>What one class has taken.</summary>
    internal sealed class Tally
    {
        /// <summary>As <see cref="Gcra"/> has it.</summary>
        public long Due { get; set; }

        /// <summary>The same clock.</summary>
        public long ProvedUntil { get; set; }
    }
}

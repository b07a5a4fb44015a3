using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Relay.Functions.Live;

/// <summary>Settings under <c>Relay:Live</c>.</summary>
public sealed class LiveOptions
{
    public const string SectionName = "Relay:Live";

    /// <summary>
    /// Streams of events that a worker keeps open at once: 0 to 10,000, default 64, since each keeps its place among the 300 requests that
    /// <c>host.json</c> lets in. Whoever comes past that is told when to come again, and polls meanwhile.
    /// </summary>
    [Range(0, 10_000)]
    public int MaxViewers { get; set; } = 64;

    /// <summary>
    /// How long a stream lasts before its viewer has to come again through the gate: 5 s to 4 min, default 2 min. Who may no longer look
    /// sees no more after it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:04:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(2);
}

[OptionsValidator]
internal sealed partial class LiveOptionsValidator : IValidateOptions<LiveOptions>;

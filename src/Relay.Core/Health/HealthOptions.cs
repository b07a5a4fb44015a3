using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Relay.Core.Health;

/// <summary>
/// Settings under <c>Relay:Health</c>: how soon the loss of a dependency is seen. With the defaults within 2 s, and its return within 1 s.
/// </summary>
public sealed class HealthOptions
{
    public const string SectionName = "Relay:Health";

    /// <summary>How often each dependency is probed: 250 ms to 1 min, default 1 s. After a failure at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00.250", "00:01:00")]
    public TimeSpan ProbeEvery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Longest wait for a probe's answer: 100 ms to 30 s, default 400 ms. Before a dependency has answered once it is
    /// <see cref="DependencyWatch.FirstTimeout"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromMilliseconds(400);
}

[OptionsValidator]
internal sealed partial class HealthOptionsValidator : IValidateOptions<HealthOptions>;

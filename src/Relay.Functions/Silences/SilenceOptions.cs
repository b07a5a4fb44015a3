using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Relay.Risk.Silence;

namespace Relay.Functions.Silences;

/// <summary>Settings under <c>Relay:Silence</c>: what has to be known of a party before its silence is told.</summary>
public sealed class SilenceOptions
{
    public const string SectionName = "Relay:Silence";

    /// <summary>Gaps between its envelopes: 20 to 4,096, default 100.</summary>
    [Range(20, 4_096)]
    public int MinGaps { get; set; } = SilenceRules.Usual.MinGaps;

    /// <summary>
    /// Time that it has been known: a second to a year, default 7 days, which have nights and a weekend. A party that is judged sooner is
    /// told silent on the first longer pause that it makes as usual.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan Learn { get; set; } = SilenceRules.Usual.Learn;
}

[OptionsValidator]
internal sealed partial class SilenceOptionsValidator : IValidateOptions<SilenceOptions>;

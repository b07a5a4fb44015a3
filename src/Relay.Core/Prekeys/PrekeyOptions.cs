using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Relay.Core.Prekeys;

/// <summary>Settings under <c>Relay:Prekeys</c>.</summary>
public sealed class PrekeyOptions
{
    public const string SectionName = "Relay:Prekeys";

    /// <summary>Most bundles and claims of one delegation in a second, in this process: 1 to 10,000, default 50.</summary>
    [Range(1, 10_000)]
    public int PerSecond { get; set; } = 50;
}

[OptionsValidator]
internal sealed partial class PrekeyOptionsValidator : IValidateOptions<PrekeyOptions>;

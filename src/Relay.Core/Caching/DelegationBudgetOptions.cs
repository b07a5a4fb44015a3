using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Relay.Core.Caching;

/// <summary>Settings of what a delegation may bring in a second, one of each section below; the section is the options' name.</summary>
public sealed class DelegationBudgetOptions
{
    /// <summary>Acknowledgements; default 200.</summary>
    public const string Acknowledgements = "Relay:Acknowledgement";

    /// <summary>Bundles and claims of prekeys; default 50.</summary>
    public const string Prekeys = "Relay:Prekeys";

    /// <summary>Most of one delegation in a second, in this process: 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int PerSecond { get; set; }

    /// <summary>What holds where nothing is configured, by section.</summary>
    internal static IReadOnlyDictionary<string, int> Defaults { get; } =
        new Dictionary<string, int>(StringComparer.Ordinal) { [Acknowledgements] = 200, [Prekeys] = 50 };
}

[OptionsValidator]
internal sealed partial class DelegationBudgetOptionsValidator : IValidateOptions<DelegationBudgetOptions>;

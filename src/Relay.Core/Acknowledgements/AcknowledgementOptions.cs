using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Relay.Core.Acknowledgements;

/// <summary>Settings under <c>Relay:Acknowledgement</c>.</summary>
public sealed class AcknowledgementOptions
{
    public const string SectionName = "Relay:Acknowledgement";

    /// <summary>Most acknowledgements of one delegation in a second, in this process: 1 to 10,000, default 200.</summary>
    [Range(1, 10_000)]
    public int PerSecond { get; set; } = 200;
}

[OptionsValidator]
internal sealed partial class AcknowledgementOptionsValidator : IValidateOptions<AcknowledgementOptions>;

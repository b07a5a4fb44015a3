using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Reading;

/// <summary>Settings under <c>Relay:Envelope</c>.</summary>
public sealed class EnvelopeOptions
{
    public const string SectionName = "Relay:Envelope";

    /// <summary>
    /// Most bytes of an envelope on the wire: 1 KiB to 100 MiB, default 256 KiB. Keep it at or below what the bus tier takes.
    /// </summary>
    [Range(1_024, 100 * 1_024 * 1_024)]
    public int MaxBytes { get; set; } = EnvelopeLimits.DefaultMaxWireBytes;
}

[OptionsValidator]
internal sealed partial class EnvelopeOptionsValidator : IValidateOptions<EnvelopeOptions>;

using System.Globalization;
using Microsoft.Extensions.Options;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Reading;

/// <summary>Step 1: bytes to an envelope that is well formed and not yet believed.</summary>
public sealed class ReadingRules(IOptions<EnvelopeOptions> options)
{
    private readonly EnvelopeLimits _limits = EnvelopeLimits.Default with { MaxWireBytes = options.Value.MaxBytes };

    /// <returns>Null when <paramref name="envelope"/> was read, else why not.</returns>
    internal Ruling? Read(ReadOnlyMemory<byte> wire, out Envelope? envelope)
    {
        if (wire.Length > _limits.MaxWireBytes)
        {
            envelope = null;
            return Oversize(_limits.MaxWireBytes, wire.Length);
        }

        if (Envelope.TryParse(wire, _limits, out envelope, out var fault, out var detail)) return null;
        var verdict = fault == EnvelopeFault.Oversize ? Verdict.Oversize : Verdict.Malformed;
        return new Ruling(verdict, ReasonCodes.Of(fault), detail);
    }

    /// <summary>The ruling on more bytes than the relay takes.</summary>
    public static Ruling Oversize(int expected, long came) => new(
        Verdict.Oversize,
        ReasonCodes.Oversize,
        string.Create(CultureInfo.InvariantCulture, $"expected at most {expected} bytes, got {came}"));
}

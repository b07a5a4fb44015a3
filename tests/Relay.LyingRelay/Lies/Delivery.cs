using Relay.Protocol.Envelopes;

namespace Relay.LyingRelay.Lies;

/// <summary>A message to a delegation's topic, as the relay sends it or the liar would.</summary>
/// <param name="To">The delegation.</param>
/// <param name="Said">The envelope that it is about.</param>
internal sealed class Delivery(string to, Envelope said)
{
    public string To { get; set; } = to;

    public Envelope Said { get; } = said;

    /// <summary>The body.</summary>
    public byte[] Wire { get; set; } = said.Wire.ToArray();

    /// <summary>Text of the receipt; null sends none.</summary>
    public string? Receipt { get; set; }

    /// <summary>When it is sent later than all the others.</summary>
    public TimeSpan Late { get; set; }

    /// <summary><c>us/normal/3</c>: the id without the negotiation.</summary>
    public string Name => Said.Id.ToString()[(Said.Id.Negotiation.Length + 1)..];
}

namespace Relay.Protocol.Envelopes;

/// <summary>One sender's ordered run of envelopes in one lane of one negotiation.</summary>
/// <param name="Negotiation">Name, see <see cref="RelayName"/>.</param>
/// <param name="Sender">Name of a delegation, see <see cref="RelayName"/>.</param>
/// <param name="Lane">The lane.</param>
public readonly record struct StreamId(string Negotiation, string Sender, Lane Lane)
{
    /// <summary><c>{negotiation}/{sender}/{lane}</c>.</summary>
    public override string ToString() => $"{Negotiation}/{Sender}/{Lane.ToText()}";
}

using Relay.Core.Rulings;
using Relay.Protocol.Quorum;

namespace Relay.Cli.Demo;

/// <summary>Bytes that the relay must refuse.</summary>
/// <param name="Name">What is wrong with them, in a few words.</param>
/// <param name="Reason">Reason code they must be dead-lettered with.</param>
/// <param name="Wire">The bytes.</param>
internal sealed record HostileEnvelope(string Name, string Reason, byte[] Wire)
{
    // What is decided before a quorum is verified.
    private static readonly HashSet<string> Untold =
    [
        ReasonCodes.UnknownNegotiation, ReasonCodes.SenderNotAMember, ReasonCodes.AddresseeNotAMember, ReasonCodes.RouteForbidden,
        ReasonCodes.QuorumNotMet,
        .. Enum.GetValues<SignatureOutcome>().Select(ReasonCodes.Of),
    ];

    /// <summary>Reason code they must be answered with over HTTP, where nobody is told anything until a quorum is verified.</summary>
    public string ReasonTold => Untold.Contains(Reason) ? ReasonCodes.NotProved : Reason;
}

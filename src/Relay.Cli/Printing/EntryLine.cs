using System.Globalization;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Printing;

/// <summary>What an entry of a ledger says, as part of a line. Foreign text in it is not made visible yet.</summary>
internal static class EntryLine
{
    /// <summary>A few words: who to whom, who opened what, from when on which mode.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="weight">Weight reached and what the quorum needs; null where the document is not at hand.</param>
    public static string Describe(LedgerEntry entry, (int Weight, int Quorum)? weight) => entry switch
    {
        EnvelopeEntry envelope => $"{envelope.Id} to {string.Join(", ", envelope.Head.Audience)}{Weight(weight)}",
        AcknowledgementEntry { Acknowledgement: var said } => $"{said.Id} {said} by {said.Delegation}",
        EvidenceEntry evidence => $"evidence: {evidence.Describe()}",
        ModeEntry mode => $"mode {mode.Mode.ToText()}",
        PolicyEntry policy => string.Create(CultureInfo.InvariantCulture, $"document version {policy.Version}"),
        PrekeysEntry prekeys => string.Create(
            CultureInfo.InvariantCulture, $"prekeys of {prekeys.Bundle.Delegation}, bundle {prekeys.Bundle.Number}"),
        ClaimEntry claim => string.Create(CultureInfo.InvariantCulture, $"{claim.Count} prekeys claimed, {claim.Left} left"),
        HeartbeatEntry => "heartbeat",
        _ => entry.Kind,
    };

    private static string Weight((int Weight, int Quorum)? weight) =>
        weight is var (reached, quorum) ? string.Create(CultureInfo.InvariantCulture, $", weight {reached} of {quorum}") : "";
}

using Relay.Client.Delegations;
using Relay.Client.Files;
using Relay.Client.Ledger;
using Relay.Local;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Targets;

/// <summary>What a delegation has yet to tell the relay about envelopes, kept beside its inbox.</summary>
internal static class OutboxFile
{
    /// <summary>Opens what an earlier listener left, to be sent and added to.</summary>
    /// <param name="stateFolder">The state folder.</param>
    /// <param name="document">The negotiation.</param>
    /// <param name="identity">Signs; its key id begins with the delegation.</param>
    /// <param name="relay">The relay's HTTP API.</param>
    /// <param name="trust">Verifies the relay's receipts.</param>
    /// <param name="view">The checkpoints that the delegation has seen.</param>
    /// <param name="settled">Is told what became of each.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="CliFault">The file is there and cannot be read.</exception>
    public static AcknowledgementOutbox Open(
        string stateFolder,
        NegotiationDocument document,
        IJwsSigner identity,
        HttpClient relay,
        LedgerTrust trust,
        LedgerView view,
        Func<Acknowledgement, AcknowledgementReply, CancellationToken, ValueTask> settled,
        TimeProvider time)
    {
        var delegation = identity.KeyId[..identity.KeyId.IndexOf('#', StringComparison.Ordinal)];
        var path = Path.Combine(stateFolder, "delegations", delegation, "inbox", $"{document.Negotiation}.unsent");
        PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
        if (!AcknowledgementOutbox.TryRead(File.Exists(path) ? File.ReadAllBytes(path) : [], out var kept))
        {
            throw new CliFault(
                $"{path} does not hold acknowledgements.",
                "Restore it from a copy; delete it only if those not sent yet may be forgotten.");
        }

        return new AcknowledgementOutbox(
            identity,
            new AcknowledgementSubmitter(relay, trust, document, time, view),
            kept,
            (bytes, _) =>
            {
                PrivateFile.Write(path, bytes.Span);
                return ValueTask.CompletedTask;
            },
            settled,
            time);
    }
}

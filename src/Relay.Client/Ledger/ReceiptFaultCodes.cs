using Relay.Protocol.Ledger;

namespace Relay.Client.Ledger;

/// <summary>Stable codes of <see cref="ReceiptFault"/>, used as dead-letter reasons.</summary>
public static class ReceiptFaultCodes
{
    /// <summary>The code.</summary>
    public static string Code(this ReceiptFault fault) => fault switch
    {
        ReceiptFault.None => "none",
        ReceiptFault.Malformed => "receipt-malformed",
        ReceiptFault.BadExtra => "receipt-bad-extra",
        ReceiptFault.BadEntry => "receipt-bad-entry",
        ReceiptFault.BadCertificate => "receipt-bad-certificate",
        ReceiptFault.WrongOrigin => "receipt-wrong-origin",
        ReceiptFault.UnknownVaultKey => "receipt-unknown-vault-key",
        ReceiptFault.CompromisedVaultKey => "receipt-compromised-vault-key",
        ReceiptFault.BadCertificateSignature => "receipt-bad-certificate-signature",
        ReceiptFault.CertificateForOtherOrigin => "receipt-certificate-for-other-origin",
        ReceiptFault.CertificateNotYetValid => "receipt-certificate-not-yet-valid",
        ReceiptFault.CertificateExpired => "receipt-certificate-expired",
        ReceiptFault.CheckpointNotSigned => "receipt-checkpoint-not-signed",
        ReceiptFault.BadCheckpointSignature => "receipt-bad-checkpoint-signature",
        ReceiptFault.NotIncluded => "receipt-not-included",
        ReceiptFault.EntryInFuture => "receipt-entry-in-future",
        ReceiptFault.EntryForOtherEnvelope => "receipt-for-other-envelope",
        ReceiptFault.EntryForOtherContent => "receipt-for-other-content",
    };
}

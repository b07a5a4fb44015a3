using System.Globalization;

namespace Emulator.ServiceBus.Entities;

/// <summary>Reasons the broker itself dead-letters for, in the cloud's words.</summary>
internal static class DeadLetterReason
{
    public const string ReasonProperty = "DeadLetterReason";
    public const string DescriptionProperty = "DeadLetterErrorDescription";

    public static KeyValuePair<string, object?>[] Expired() =>
        Of("TTLExpiredException", "The message expired and was dead lettered.");

    public static KeyValuePair<string, object?>[] MaxDeliveryCountExceeded(int deliveries) => Of(
        "MaxDeliveryCountExceeded",
        string.Create(CultureInfo.InvariantCulture, $"Message could not be consumed after {deliveries} delivery attempts."));

    public static KeyValuePair<string, object?>[] SessionIdMissing() =>
        Of("Session ID is null", "Session enabled entity doesn't allow a message whose session identifier is null.");

    public static KeyValuePair<string, object?>[] FilterFailed(string rule, string fault) =>
        Of("FilterEvaluationException", $"Rule '{rule}' could not be evaluated: {fault}.");

    public static KeyValuePair<string, object?>[] MaxTransferHopCountExceeded() => Of(
        "MaxTransferHopCountExceeded",
        "The maximum number of allowed hops when forwarding between queues has been exceeded. This value is set to 4.");

    public static KeyValuePair<string, object?>[] TransferFailed(EntityFault fault, string destination) => Of(
        fault switch
        {
            EntityFault.EntityNotFound => "MessagingEntityNotFound",
            EntityFault.Disabled => "MessagingEntityDisabled",
            EntityFault.QuotaExceeded => "QuotaExceeded",
            EntityFault.SessionIdMissing => "Session ID is null",
            _ => "TransferFailed",
        },
        $"The message could not be forwarded to '{destination}'.");

    private static KeyValuePair<string, object?>[] Of(string reason, string description) =>
        [new(ReasonProperty, reason), new(DescriptionProperty, description)];
}

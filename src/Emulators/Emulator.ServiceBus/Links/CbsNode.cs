using Emulator.Amqp.Messages;
using Emulator.Amqp.Types;

namespace Emulator.ServiceBus.Links;

/// <summary>The token node. Keys of its answers are kebab-case, unlike those of management.</summary>
/// <param name="validator">Judges tokens.</param>
internal sealed class CbsNode(TokenValidator validator)
{
    public const string Address = "$cbs";

    /// <summary>Judges one request.</summary>
    /// <param name="request">put-token with type, name (audience) and the token as amqp-value.</param>
    /// <param name="grant">What the token allows; null when refused.</param>
    /// <returns>The encoded answer.</returns>
    public byte[] Answer(NodeRequest request, out TokenGrant? grant)
    {
        grant = null;
        if (request.Operation != "put-token") return Reply(request, 400, $"Expected operation put-token, got '{request.Operation}'.");
        if (request.Body is not string token || token.Length == 0)
        {
            return Reply(request, 400, "Expected the token as a string in an amqp-value, got something else.");
        }
        if (!request.Properties.TryGet<string>("name", out var audience))
        {
            return Reply(request, 400, "Expected the audience in application property name, got none.");
        }
        request.Properties.TryGet<string>("type", out var type);
        var fault = validator.Validate(type, token, audience, out grant);
        return fault switch
        {
            TokenFault.None => Reply(request, 202, "Accepted"),
            TokenFault.Malformed => Reply(request, 400, "Expected a SAS token (sr, sig, se, skn) or a JWT, got neither."),
            TokenFault.UnknownKey => Reply(request, 401, "The key name of the token is not known here."),
            TokenFault.BadSignature => Reply(request, 401, "The token's signature is not right."),
            TokenFault.Expired => Reply(request, 401, "The token has expired."),
            TokenFault.WrongAudience => Reply(request, 401, "The token is not for this audience."),
        };
    }

    /// <summary>Refuses a token that is right in itself.</summary>
    public static byte[] Refuse(NodeRequest request, string reason) => Reply(request, 401, reason);

    private static byte[] Reply(NodeRequest request, int status, string description) => new AmqpMessage
    {
        Properties = new MessageProperties { CorrelationId = request.MessageId },
        ApplicationProperties = new AmqpMap { { "status-code", status }, { "status-description", description } },
        BodyKind = BodyKind.Value,
    }.Encode();
}

using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>Reads the payload of an acknowledgement, member by member, as far as none breaks its rule.</summary>
internal readonly struct AcknowledgementPayload
{
    private const string Reasons = "reason";
    private static readonly string[] Names = ["jti", "digest", "state", Reasons, "iat"];

    public AcknowledgementPayload(JsonElement payload)
    {
        (Fault, Detail) = (AcknowledgementFault.NotJson, "expected a payload that is a JSON object, got another value");
        if (payload.ValueKind != JsonValueKind.Object) return;
        // No name is there twice: the document was read strictly.
        var members = payload.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
        var unknown = members.Keys.Except(Names, StringComparer.Ordinal).FirstOrDefault();
        (Fault, Detail) = (
            AcknowledgementFault.UnknownMember, $"expected only {string.Join(", ", Names)}, got {Excerpt.Of(unknown)}");
        if (unknown is not null) return;
        var missing = Names.FirstOrDefault(name => name != Reasons && !members.ContainsKey(name));
        (Fault, Detail) = (AcknowledgementFault.MissingMember, $"expected '{missing}', got none");
        if (missing is not null) return;
        var (id, digest, state, issued) = (members["jti"], members["digest"], members["state"], members["iat"]);
        (Fault, Detail) = (AcknowledgementFault.BadId, $"expected 'jti' to be an envelope id, got {Shown(id)}");
        if (!EnvelopeId.TryParse(Text(id), out var envelope)) return;
        (Fault, Detail) = (AcknowledgementFault.BadDigest, $"expected 'digest' to be 32 bytes of base64url, got {Shown(digest)}");
        if (!Digest.TryParse(Text(digest), out var hash)) return;
        (Fault, Detail) = (AcknowledgementFault.BadState, $"expected 'state' to be opened or refused, got {Shown(state)}");
        if (Acknowledgement.ReadState(Text(state)) is not { } read) return;
        var hasReason = members.TryGetValue(Reasons, out var reason);
        (Fault, Detail) = (AcknowledgementFault.BadReason, hasReason
            ? $"expected 'reason' with a refusal alone, and a code of [a-z0-9] and hyphens, got {Shown(reason)}"
            : "expected 'reason' with a refusal, got none");
        if (hasReason != (read == AcknowledgedState.Refused) || (hasReason && !IsReason(Text(reason)))) return;
        (Fault, Detail) = (AcknowledgementFault.BadTime, $"expected 'iat' in whole seconds since 1970, got {Shown(issued)}");
        if (issued.ValueKind != JsonValueKind.Number
            || !StrictDecimal.TryParse(
                System.Text.Encoding.UTF8.GetBytes(issued.GetRawText()), StrictDecimal.MaxNumericDate, out var seconds))
        {
            return;
        }
        (Id, Digest, State, Reason) = (envelope, hash, read, hasReason ? Text(reason) : null);
        IssuedAt = DateTimeOffset.FromUnixTimeSeconds(seconds);
        (Fault, Detail) = (AcknowledgementFault.None, "");
    }

    public AcknowledgementFault Fault { get; }

    public string Detail { get; }

    public EnvelopeId Id { get; }

    public Digest Digest { get; }

    public AcknowledgedState State { get; }

    public string? Reason { get; }

    public DateTimeOffset IssuedAt { get; }

    private static bool IsReason(string? text) =>
        text is { Length: > 0 and <= Acknowledgement.MaxReasonLength }
            && text.All(c => c is '-' or (>= 'a' and <= 'z') or (>= '0' and <= '9'))
            && text[0] != '-' && text[^1] != '-' && !text.Contains("--", StringComparison.Ordinal);

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Shown(JsonElement value) => Excerpt.Of(value.GetRawText());
}

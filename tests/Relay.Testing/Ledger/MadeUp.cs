using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Testing.Ledger;

/// <summary>Signed heads whose signatures nobody made: well formed, and worth nothing to whoever verifies them.</summary>
public static class MadeUp
{
    /// <summary>A head with a signature of zeros for each mediator, in the order given.</summary>
    public static SignedHead Sign(EnvelopeHead head, params IEnumerable<string> mediators) => Sign(
        head, mediator => $"https://kv.vault.azure.net/keys/mediator-{mediator}/{new string('0', 32)}", mediators);

    /// <summary>The same, under keys of any vault.</summary>
    public static SignedHead Sign(EnvelopeHead head, Func<string, string> keyId, IEnumerable<string> mediators)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(keyId);
        var signatures = mediators.Select(mediator =>
        {
            var header = System.Text.Encoding.ASCII.GetBytes(
                $$"""{"alg":"ES256","kid":"{{keyId(mediator)}}","typ":"relay-envelope"}""");
            return $$"""{"protected":"{{StrictBase64Url.Encode(header)}}","signature":"{{StrictBase64Url.Encode(new byte[64])}}"}""";
        });
        var wire = $$"""{"payload":"{{StrictBase64Url.Encode(head.Bytes.Span)}}","signatures":[{{string.Join(',', signatures)}}]}""";
        return SignedHead.TryParse(
            System.Text.Encoding.ASCII.GetBytes(wire), EnvelopeLimits.Default, out var signed, out _, out var detail)
            ? signed
            : throw new InvalidOperationException(detail);
    }

    /// <summary>An entry of such a head.</summary>
    public static EnvelopeEntry Entry(EnvelopeHead head, Digest policy, DateTimeOffset at, params IEnumerable<string> mediators) =>
        new() { Judged = new JudgedHead(policy, Sign(head, mediators)), At = at };
}

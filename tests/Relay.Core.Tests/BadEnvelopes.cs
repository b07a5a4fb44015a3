using System.Text;
using System.Text.Json.Nodes;
using Relay.Protocol.Text;

namespace Relay.Core.Tests;

/// <summary>Envelopes that are bad in one way each.</summary>
internal static class BadEnvelopes
{
    /// <summary>Makes an envelope of one kind of badness.</summary>
    public static async Task<byte[]> MakeAsync(string kind, TestNegotiation negotiation)
    {
        var good = await negotiation.SignAsync("qatar", "oman");
        return kind switch
        {
            "not JSON" => "hello"u8.ToArray(),
            "empty" => [],
            "duplicate members" => Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(good).Replace("{\"payload\"", "{\"payload\":\"e30\",\"payload\"", StringComparison.Ordinal)),
            "depth bomb" => Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 10_000) + new string(']', 10_000) + "}"),
            "300 KiB" => new byte[300 * 1024],
            "wrong typ" => TestNegotiation.WithHeader(good, Header("ES256", TestNegotiation.KeyId("qatar"), "JWT")),
            "alg none" => TestNegotiation.WithHeader(good, Header("none", TestNegotiation.KeyId("qatar"))),
            "alg not fitting the key" => TestNegotiation.WithHeader(good, Header("ES384", TestNegotiation.KeyId("qatar"))),
            "unknown mediator" => await negotiation.SignAsync("stranger", "oman"),
            "disabled key version" or "unknown key version" => good,
            "bit flipped in head" => TestNegotiation.Change(good, FlipHead),
            "bit flipped in content" => TestNegotiation.Change(good, FlipContent),
            "bit flipped in header" => TestNegotiation.Change(good, FlipHeader),
            "bit flipped in signature" => TestNegotiation.Change(good, FlipFirstSignature),
            "weight below quorum" => await negotiation.SignAsync("qatar"),
            "no weight" => TestNegotiation.Change(await negotiation.SignAsync("oman"), FlipFirstSignature),
            "same mediator twice" => await negotiation.SignAsync("qatar", "qatar"),
            "unknown negotiation" => await negotiation.SignAsync(negotiation.Draft(negotiation: "geneva-1985"), "qatar", "oman"),
            "sender not a member" => await negotiation.SignAsync(negotiation.Draft("mars"), "qatar", "oman"),
            "addressee not a member" => await negotiation.SignAsync(negotiation.Draft(audience: ["iran", "venus"]), "qatar", "oman"),
            "route forbidden" => await negotiation.SignAsync(negotiation.Draft(audience: ["iran", "oslo"]), "qatar", "oman"),
            "expired" => await negotiation.SignAsync(
                negotiation.Draft() with
                {
                    IssuedAt = negotiation.Now - TimeSpan.FromHours(2),
                    ExpiresAt = negotiation.Now - TimeSpan.FromHours(1),
                },
                "qatar",
                "oman"),
            "issued in the future" => await negotiation.SignAsync(
                negotiation.Draft() with { IssuedAt = negotiation.Now + TimeSpan.FromMinutes(10) }, "qatar", "oman"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    private static string Header(string algorithm, string keyId, string type = "relay-envelope") =>
        $$"""{"alg":"{{algorithm}}","kid":"{{keyId}}","typ":"{{type}}"}""";

    // The last of ten digits: a second more or less, and everything else as it was.
    private static void FlipHead(JsonNode envelope) =>
        Flip(envelope, "payload", bytes => bytes.AsSpan().IndexOf("\"exp\":"u8) + "\"exp\":".Length + 9);

    private static void FlipContent(JsonNode envelope) => Flip(envelope, "content", bytes => bytes.AsSpan().IndexOf("AAAA"u8));

    // The last digit of the version in kid.
    private static void FlipHeader(JsonNode envelope) =>
        Flip(
            envelope["signatures"]![0]!,
            "protected",
            bytes => bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(TestNegotiation.Version("qatar"))) + 31);

    public static void FlipFirstSignature(JsonNode envelope) => Flip(envelope["signatures"]![0]!, "signature", bytes => bytes.Length / 2);

    private static void Flip(JsonNode node, string member, Func<byte[], int> where)
    {
        var bytes = StrictBase64Url.Decode(Encoding.ASCII.GetBytes(node[member]!.GetValue<string>()))!;
        bytes[where(bytes)] ^= 1;
        node[member] = StrictBase64Url.Encode(bytes);
    }
}

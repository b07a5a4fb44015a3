using System.Security.Cryptography;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Envelopes;

/// <summary>What is read at a limit and refused one past it, and what is read only from where it belongs.</summary>
public sealed class ExactLimitTests
{
    private static readonly string Header = $$"""{"alg":"ES256","kid":"{{Samples.KeyId("qatar")}}","typ":"relay-envelope"}""";

    private static readonly string Good = Samples.Text(SealedEnvelope.Create(Samples.Draft()).Head.Bytes.Span);

    [Theory]
    [InlineData("z", true)]
    [InlineData("0z9a", true)]
    [InlineData("zz-zz", true)]
    [InlineData("a`", false)]
    [InlineData("a{", false)]
    [InlineData("a/", false)]
    [InlineData("a:", false)]
    [InlineData("a@", false)]
    [InlineData("a.", false)]
    [InlineData("Z", false)]
    [InlineData("-z", false)]
    [InlineData("z-", true)]
    public void RelayName_EdgesOfEachRange_AreTakenAndTheirNeighboursNot(string name, bool valid)
    {
        Assert.Equal(valid, RelayName.IsValid(name));
        Assert.Equal(valid, RelayName.IsValid(Samples.Utf8(name)));
        Assert.Equal(valid, RelayName.IsValid(name + new string('z', 48 - name.Length) + "z9"));
        Assert.False(RelayName.IsValid(name + new string('z', 51 - name.Length)));
        Assert.False(RelayName.IsValid(Samples.Utf8(name + new string('z', 51 - name.Length))));
    }

    [Theory]
    [InlineData(2048)]
    [InlineData(4096)]
    public void TryParse_RsaSignature_IsReadAndVerified(int bits)
    {
        using var rsa = RSA.Create(bits);
        Assert.True(PublicJwk.TryCreate(rsa.ExportParameters(false), null, out var jwk, out var error), error);
        Assert.True(VerificationKey.TryCreate(jwk, out var key, out error), error);
        using (key)
        {
            var header = Samples.Base64Url($$"""{"alg":"PS512","kid":"{{Samples.KeyId("qatar")}}","typ":"relay-envelope"}""");
            var input = Samples.Ascii($"{header}.{Samples.Base64Url(Good)}");
            var value = rsa.SignData(input, HashAlgorithmName.SHA512, RSASignaturePadding.Pss);
            Assert.Equal(bits / 8, value.Length);
            var wire = WireWithSignature(StrictBase64Url.Encode(value))
                .Replace(Samples.Base64Url(Header), header, StringComparison.Ordinal);
            Assert.True(Envelope.TryParse(Samples.Utf8(wire), EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
            Assert.Equal(SignatureFault.None, envelope.Signatures[0].Verify(key));
        }
    }

    [Theory]
    [InlineData(512, EnvelopeFault.None)]
    [InlineData(513, EnvelopeFault.BadMember)]
    [InlineData(1, EnvelopeFault.None)]
    [InlineData(0, EnvelopeFault.BadMember)]
    public void TryParse_SignatureOf_IsReadUpToFiveHundredAndTwelveBytes(int bytes, EnvelopeFault expected) =>
        AssertFault(expected, WireWithSignature(StrictBase64Url.Encode(new byte[bytes])));

    [Theory]
    [InlineData(64, EnvelopeFault.None)]
    [InlineData(65, EnvelopeFault.BadAudience)]
    public void TryParse_Addressees_AreReadUpToSixtyFour(int count, EnvelopeFault expected)
    {
        var names = string.Join(',', Enumerable.Range(0, count).Select(i => $"\"d{i}\""));
        AssertFault(expected, Samples.Wire(Good.Replace("[\"iran\"]", $"[{names}]", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(30 * 24 * 3600, EnvelopeFault.None)]
    [InlineData(30 * 24 * 3600 + 1, EnvelopeFault.BadTimes)]
    [InlineData(1, EnvelopeFault.None)]
    [InlineData(0, EnvelopeFault.BadTimes)]
    public void TryParse_Lifetime_IsOneSecondToThirtyDays(int seconds, EnvelopeFault expected)
    {
        var issued = Samples.Issued.ToUnixTimeSeconds();
        var head = Good.Replace($"\"exp\":{issued + 3600}", $"\"exp\":{issued + seconds}", StringComparison.Ordinal);
        AssertFault(expected, Samples.Wire(head));
    }

    [Fact]
    public void TryParse_HeadOverItsLimit_IsRefusedAtOneByteMore()
    {
        AssertFault(EnvelopeFault.None, Samples.Wire(Good + new string(' ', EnvelopeLimits.MaxHeadBytes - Good.Length)));
        AssertFault(EnvelopeFault.OversizeHead, Samples.Wire(Good + new string(' ', EnvelopeLimits.MaxHeadBytes + 1 - Good.Length)));
    }

    [Fact]
    public void TryParse_ProtectedHeader_IsReadUpToTwoKibibytes()
    {
        AssertFault(EnvelopeFault.None, Samples.Wire(Good, Header.PadRight(EnvelopeLimits.MaxHeaderBytes)));
        AssertFault(EnvelopeFault.BadHeader, Samples.Wire(Good, Header.PadRight(EnvelopeLimits.MaxHeaderBytes + 1)));
    }

    [Fact]
    public void TryParse_HeadHeadersAndSignatures_AreReadUpToFourteenKibibytesTogether()
    {
        var header = Header.PadRight(EnvelopeLimits.MaxHeaderBytes);
        var room = EnvelopeLimits.MaxSignedBytes - 3 * (EnvelopeLimits.MaxHeaderBytes + 64);
        Assert.InRange(room, Good.Length, EnvelopeLimits.MaxHeadBytes);
        AssertFault(EnvelopeFault.None, Wire(room));
        AssertFault(EnvelopeFault.OversizeHead, Wire(room + 1));

        string Wire(int length)
        {
            var one = Samples.Wire(Good.PadRight(length), header);
            var signature = one[(one.IndexOf('[', StringComparison.Ordinal) + 1)..one.LastIndexOf(']')];
            return one.Replace(signature, $"{signature},{signature},{signature}", StringComparison.Ordinal);
        }
    }

    // A reader that looks for names at any depth would take what stands inside a member it does not know.
    [Fact]
    public void TryParse_NestedMembersOfTheSameNames_AreNotTheSignaturesOwn()
    {
        const string Nested = """{"protected":"!","signature":"!","header":{},"payload":"!","signatures":[]}""";
        var wire = Samples.Wire(Good, extra: $",\"x\":{Nested}", signatureExtra: $",\"x\":{Nested},\"y\":[{Nested}]");
        AssertFault(EnvelopeFault.None, wire);
        AssertFault(
            EnvelopeFault.None, wire.Replace("{\"protected\":\"ey", $"{{\"x0\":{Nested},\"protected\":\"ey", StringComparison.Ordinal));
        var own = $"\"signature\":\"{StrictBase64Url.Encode(new byte[64])}\"";
        AssertFault(
            EnvelopeFault.MissingMember,
            Samples.Wire(Good).Replace(own, $"\"x\":{{{own}}}", StringComparison.Ordinal));
        AssertFault(
            EnvelopeFault.MissingMember,
            Samples.Wire(Good).Replace("\"signatures\":", "\"x\":{\"signatures\":1},\"others\":", StringComparison.Ordinal));
    }

    [Fact]
    public void TryParse_HeadWithNestedUnknownMember_IsRefused()
    {
        var seen = $"\"seen\":{{\"size\":1,\"root\":\"{Digest.Of([1])}\"}}";
        AssertFault(EnvelopeFault.None, Samples.Wire(Good.Replace("\"aud\"", $"{seen},\"aud\"", StringComparison.Ordinal)));
        AssertFault(
            EnvelopeFault.UnknownMember,
            Samples.Wire(Good.Replace("\"aud\"", $"{seen[..^1]},\"x\":1}},\"aud\"", StringComparison.Ordinal)));
    }

    private static string WireWithSignature(string value) =>
        Samples.Wire(Good).Replace(StrictBase64Url.Encode(new byte[64]), value, StringComparison.Ordinal);

    private static void AssertFault(EnvelopeFault expected, string wire)
    {
        Envelope.TryParse(Samples.Utf8(wire), EnvelopeLimits.Default, out _, out var fault, out var detail);
        Assert.True(expected == fault, $"expected {expected}, got {fault}: {detail}");
    }
}

using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Sealing;

public sealed class PrimitiveTests
{
    // RFC 7518 appendix C: ECDH-ES between Alice's ephemeral key and Bob's key, A128GCM.
    private const string Alice = """{"kty":"EC","crv":"P-256","kid":"alice","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps","d":"0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"}""";
    private const string Bob = """{"kty":"EC","crv":"P-256","kid":"bob","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}""";

    [Fact]
    public void ConcatKdf_Rfc7518AppendixC_GivesItsKey()
    {
        Assert.True(PrivateJwk.TryParse(Samples.Utf8(Alice), out var alice, out var error), error);
        Assert.True(PrivateJwk.TryParse(Samples.Utf8(Bob), out var bob, out error), error);
        using (alice)
        using (bob)
        {
            using var own = alice.CreateECDiffieHellman();
            using var other = bob.CreateECDiffieHellman();
            var secret = own.DeriveRawSecretAgreement(other.PublicKey);
            var key = new byte[16];
            EcdhEs.ConcatKdf(secret, "A128GCM"u8, "Alice"u8, "Bob"u8, key);
            Assert.Equal("VqqN6vgjbSBcIijNcacQGg", StrictBase64Url.Encode(key));
        }
    }

    // RFC 3394 section 4.6: 256 bits of key data with a 256-bit KEK.
    [Fact]
    public void Wrap_Rfc3394Section46_GivesItsCiphertext()
    {
        var kek = Convert.FromHexString("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");
        var data = Convert.FromHexString("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F");
        Assert.Equal(
            "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21",
            Convert.ToHexString(AesKeyWrap.Wrap(kek, data)));
    }

    [Fact]
    public void TryUnwrap_EveryByteChanged_FailsAndWipes()
    {
        var kek = RandomNumberGenerator.GetBytes(32);
        var wrapped = AesKeyWrap.Wrap(kek, RandomNumberGenerator.GetBytes(32));
        var plaintext = new byte[32];
        for (var i = 0; i < wrapped.Length; i++)
        {
            wrapped[i] ^= 1;
            Assert.False(AesKeyWrap.TryUnwrap(kek, wrapped, plaintext));
            Assert.Equal(new byte[32], plaintext);
            wrapped[i] ^= 1;
        }
        Assert.True(AesKeyWrap.TryUnwrap(kek, wrapped, plaintext));
    }

    // Sizes computed from the definition in the PURBs paper, section 4.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(9, 10)]
    [InlineData(100, 104)]
    [InlineData(1000, 1024)]
    [InlineData(1024, 1024)]
    [InlineData(1025, 1088)]
    [InlineData(100_000, 100_352)]
    public void PaddedSize_KnownLengths_Fit(int length, int padded) => Assert.Equal(padded, Padme.PaddedSize(length));

    [Fact]
    public void PaddedSize_AnyLength_GrowsByAtMostTwelvePercentAndIsStable() =>
        Prop.ForAll(Gen.Choose(2, 10_000_000).ToArbitrary(), length =>
        {
            var padded = Padme.PaddedSize(length);
            return padded >= length && padded - length <= length * 0.12 + 1 && Padme.PaddedSize(padded) == padded;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void TryRead_WrittenPlaintext_GivesItBackAndNothingElsePasses() =>
        Prop.ForAll<byte[], byte[]>((statement, body) =>
        {
            var opening = RandomNumberGenerator.GetBytes(Commitment.OpeningSize);
            var padded = Plaintext.Write(opening, statement, body);
            if (!Plaintext.TryRead(padded, out var back)
                || !back.Opening.SequenceEqual(opening)
                || !back.Statement.SequenceEqual(statement)
                || !back.Body.SequenceEqual(body))
            {
                return false;
            }
            if (Plaintext.TryRead([.. padded, 0], out _) || Plaintext.TryRead(padded.AsSpan(0, padded.Length - 1), out _)) return false;
            padded[Commitment.OpeningSize] = 0xff;
            return !Plaintext.TryRead(padded, out _);
        }).QuickCheckThrowOnFailure();

    // Where one part ends and the next begins is hashed too.
    [Fact]
    public void Commitment_BytesMovedBetweenParts_IsAnother() =>
        Assert.NotEqual(
            Commitment.Of(Samples.FirstId, new byte[32], "ab"u8, "c"u8), Commitment.Of(Samples.FirstId, new byte[32], "a"u8, "bc"u8));
}

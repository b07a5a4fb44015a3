using System.Security.Cryptography;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;

namespace Relay.Protocol.Tests.Evidence;

/// <summary>An addressee proves that what was sealed for it does not open, and cannot say so of what does.</summary>
public sealed class WrongWrapTests : IDisposable
{
    private readonly EvidenceSamples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task Judge_ContentThatOpens_IsNotProved()
    {
        Assert.Equal(EvidenceFault.ShowsNothing, Judge(await new WrapLies(_samples).HonestAsync(9)));
        var direct = await WrapLies.SealedAsync(_ => { }, "iran");
        Assert.Equal(EvidenceFault.ShowsNothing, Judge(await new WrapLies(_samples).OfAsync(9, direct)));
    }

    [Fact]
    public async Task Judge_SecretOfAnotherContentOrKey_IsNoProof()
    {
        var lies = new WrapLies(_samples);
        var (one, two) = (await WrapLies.SealedAsync(_ => { }), await WrapLies.SealedAsync(_ => { }));
        Assert.True(ContentOpener.TryProve(two, [EvidenceSamples.Encryption], out var keyId, out var foreign));
        Assert.Equal(EvidenceFault.BadWrapProof, Judge(await lies.OfAsync(9, one, new EvidenceWrap(one.Content, keyId, foreign))));
        // Whoever has another key has another secret, and cannot show it to be this key's.
        using var stranger = PrivateJwk.Generate(JwkKind.P256, keyId);
        Assert.True(ContentOpener.TryProve(one, [stranger], out _, out var made));
        Assert.Equal(EvidenceFault.BadWrapProof, Judge(await lies.OfAsync(9, one, new EvidenceWrap(one.Content, keyId, made))));
        Assert.Equal(EvidenceFault.OtherContent, Judge(await lies.OfAsync(9, one, new EvidenceWrap(two.Content, keyId, foreign))));
    }

    [Fact]
    public async Task Judge_NegatedSecretOrNumbersPastTheOrder_IsNoProof()
    {
        var envelope = await WrapLies.SealedAsync(_ => { });
        Assert.True(ContentOpener.TryProve(envelope, [EvidenceSamples.Encryption], out var keyId, out var proof));
        var bytes = proof.Bytes.ToArray();
        var prime = P256Point.Number(Convert.FromHexString("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"));
        P256Point.Bytes(prime - P256Point.Number(bytes.AsSpan(32, 32))).CopyTo(bytes, 32);
        await AssertNoProofAsync(bytes);
        bytes = proof.Bytes.ToArray();
        bytes.AsSpan(96).Fill(0xff);
        await AssertNoProofAsync(bytes);
        bytes = proof.Bytes.ToArray();
        bytes.AsSpan(0, 64).Clear();
        await AssertNoProofAsync(bytes);
        Assert.False(WrapProof.TryRead(bytes.AsSpan(1), out _));

        async Task AssertNoProofAsync(byte[] changed)
        {
            Assert.True(WrapProof.TryRead(changed, out var read));
            var file = await new WrapLies(_samples).OfAsync(9, envelope, new EvidenceWrap(envelope.Content, keyId, read));
            Assert.Equal(EvidenceFault.BadWrapProof, Judge(file));
        }
    }

    [Fact]
    public async Task Judge_WithoutQuorumOrTheAddresseesKey_AccusesNobody()
    {
        var lies = new WrapLies(_samples);
        var envelope = await WrapLies.SealedAsync(jwe => jwe["iv"] = "AAAAAAAAAAAAAAAA");
        Assert.Equal(EvidenceFault.None, Judge(await lies.OfAsync(9, envelope)));
        Assert.Equal(EvidenceFault.ShowsNothing, Judge(await lies.OfAsync(9, envelope, null, "qatar")));
        Assert.True(ContentOpener.TryProve(envelope, [EvidenceSamples.Encryption], out _, out var proof));
        var session = new EvidenceWrap(envelope.Content, "iran/session-1", proof);
        Assert.Equal(EvidenceFault.UnknownRecipientKey, Judge(await lies.OfAsync(9, envelope, session)));
        var inputs = _samples.Inputs with { FindDocument = _ => null };
        Assert.Equal(EvidenceFault.NoDocument, EvidenceJudge.Judge(await lies.OfAsync(9, envelope), inputs).Fault);
    }

    [Fact]
    public void P256Point_Multiples_AreThePlatforms()
    {
        for (var i = 0; i < 20; i++)
        {
            using var one = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            var own = one.ExportParameters(true);
            var d = P256Point.Number(own.D);
            Assert.True(P256Point.TryRead([.. own.Q.X!, .. own.Q.Y!], out var point));
            Assert.Equal(own.Q.X, P256Point.Generator.Combine(d, 0, point).X());
            // Once round the curve and back again.
            Assert.Equal(own.Q.X, P256Point.Generator.Combine(d + P256Point.Order, 0, point).X());
            Assert.True(P256Point.Generator.Combine(d, 1, point).IsInfinity);
            using var two = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            using var other = two.PublicKey;
            Assert.True(P256Point.TryRead([.. two.ExportParameters(false).Q.X!, .. two.ExportParameters(false).Q.Y!], out var second));
            Assert.Equal(one.DeriveRawSecretAgreement(other), second.Combine(d, 0, point).X());
        }
        Assert.False(P256Point.TryRead(new byte[64], out _));
    }

    private EvidenceFault Judge(EvidenceFile file) => EvidenceJudge.Judge(file, _samples.Inputs).Fault;
}

using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Sealing;

/// <summary>
/// What an addressee could make of a content that it opened, for others to believe: it has the whole text with the sender's signature, and
/// seals it anew. Each with a key of either kind.
/// </summary>
public sealed class ContentConfusionTests : IDisposable
{
    private static readonly EnvelopeId Other = Samples.FirstId with { Negotiation = "geneva" };

    private readonly Samples _samples = new();
    private readonly PrivateJwk _hybrid = HybridKeyPair.Generate("oman/session-2");
    private readonly IdentityKey _sender;

    public ContentConfusionTests()
    {
        _sender = _samples.SenderKey();
    }

    public void Dispose()
    {
        _sender.Key.Dispose();
        _samples.Dispose();
        _hybrid.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TryOpen_ContentAsItIsUnderAnotherId_IsWrongEnvelope(bool hybrid)
    {
        var content = await SealAsync(["iran"], Victim(hybrid));
        Assert.Equal(SealingFault.None, Open(content, Samples.FirstId, ["iran"], hybrid, out _));
        Assert.Equal(SealingFault.WrongEnvelope, Open(content, Other, ["iran"], hybrid, out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TryOpen_IdOfTheContentChangedAlone_DoesNotDecrypt(bool hybrid)
    {
        var content = JsonNode.Parse(await SealAsync(["iran"], Victim(hybrid)))!;
        content["aad"] = Samples.Base64Url(Other.ToString());
        var fault = Open(Samples.Utf8(content.ToJsonString()), Other, ["iran"], hybrid, out _);
        Assert.Equal(hybrid ? SealingFault.WrongContentKey : SealingFault.DecryptionFailed, fault);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TryOpen_StatementSealedAgainUnderAnotherId_IsRefusedWithAndWithoutItsCommitment(bool hybrid)
    {
        var said = await OpenedAsync(["iran"]);
        var kept = Commitment.Of(Samples.FirstId, said.Opening, said.Jws, said.Body);
        Assert.Equal(SealingFault.BrokenCommitment, Reseal(said, Other, ["iran"], kept, hybrid));
        var made = Commitment.Of(Other, said.Opening, said.Jws, said.Body);
        Assert.Equal(SealingFault.StatementForOtherEnvelope, Reseal(said, Other, ["iran"], made, hybrid));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TryOpen_StatementSealedAgainInAnothersName_IsStatementForOtherEnvelope(bool hybrid)
    {
        var said = await OpenedAsync(["iran"]);
        var id = Samples.FirstId with { Sender = "swiss" };
        Assert.Equal(
            SealingFault.StatementForOtherEnvelope,
            Reseal(said, id, ["iran"], Commitment.Of(id, said.Opening, said.Jws, said.Body), hybrid));
    }

    [Theory]
    [InlineData(false, "iran", "oman")]
    [InlineData(true, "iran", "oman")]
    [InlineData(false, "oman")]
    [InlineData(true, "oman")]
    public async Task TryOpen_AddresseeAddedOrChanged_IsStatementForOtherAudience(bool hybrid, params string[] audience)
    {
        var said = await OpenedAsync(["iran"]);
        var kept = Commitment.Of(Samples.FirstId, said.Opening, said.Jws, said.Body);
        Assert.Equal(SealingFault.StatementForOtherAudience, Reseal(said, Samples.FirstId, audience, kept, hybrid));
    }

    [Theory]
    [InlineData(false, "iran")]
    [InlineData(true, "iran")]
    [InlineData(false, "oman", "iran")]
    [InlineData(true, "oman", "iran")]
    public async Task TryOpen_AddresseeRemovedOrMoved_IsStatementForOtherAudience(bool hybrid, params string[] audience)
    {
        var said = await OpenedAsync(["iran", "oman"]);
        var kept = Commitment.Of(Samples.FirstId, said.Opening, said.Jws, said.Body);
        Assert.Equal(SealingFault.StatementForOtherAudience, Reseal(said, Samples.FirstId, audience, kept, hybrid));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TryOpen_AnotherBodyUnderTheStatement_IsBadStatementSignature(bool hybrid)
    {
        var said = await OpenedAsync(["iran"]);
        var body = "we refuse"u8.ToArray();
        var com = Commitment.Of(Samples.FirstId, said.Opening, said.Jws, body);
        Assert.Equal(SealingFault.BadStatementSignature, Reseal(said, Samples.FirstId, ["iran"], com, hybrid, body));
    }

    // What the first addressee has after opening it.
    private async Task<Statement> OpenedAsync(string[] audience)
    {
        PublicJwk[] keys = audience.Length == 1 ? [_samples.Iran.Public] : [_samples.Iran.Public, _samples.Oman.Public];
        var envelope = Samples.Sealed(await SealAsync(audience, keys), audience: audience);
        Assert.True(ContentOpener.TryOpen(envelope, [_samples.Iran], [_sender], out var statement, out _, out var detail), detail);
        return statement;
    }

    private SealingFault Reseal(Statement said, EnvelopeId id, string[] audience, Digest com, bool hybrid, byte[]? body = null)
    {
        var padded = Plaintext.Write(said.Opening, said.Jws, body ?? said.Body);
        var content = ContentSealer.Encrypt(padded, id, com, [Victim(hybrid)], HpkeKeyEncryption.Instance);
        var fault = Open(content, id, audience, hybrid, out var statement);
        Assert.Null(statement);
        return fault;
    }

    private PublicJwk Victim(bool hybrid) => (hybrid ? _hybrid : _samples.Oman).Public;

    private async Task<byte[]> SealAsync(string[] audience, params PublicJwk[] keys)
    {
        using var signer = new LocalSigner(_samples.Identity);
        var draft = new StatementDraft
        {
            Id = Samples.FirstId,
            Audience = audience,
            ContentType = "text/plain",
            Body = "we accept"u8.ToArray(),
        };
        return await ContentSealer.SealAsync(draft, signer, keys, HpkeKeyEncryption.Instance, TestContext.Current.CancellationToken);
    }

    private SealingFault Open(byte[] content, EnvelopeId id, string[] audience, bool hybrid, out Statement? statement)
    {
        var envelope = Samples.Sealed(content, id, audience);
        PrivateJwk[] keys = [hybrid ? _hybrid : _samples.Oman];
        ContentOpener.TryOpen(envelope, keys, HpkeKeyEncryption.Instance, [_sender], out statement, out var fault, out _);
        return fault;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Sealing;

/// <summary>A sender who wants to have said two things in one envelope, or something to one addressee alone.</summary>
public sealed class CommitmentTests : IDisposable
{
    // A padded size, so that the text fills it and has no zeros at its end.
    private const int Size = 64 * 1024;
    private const int StatementAt = Commitment.OpeningSize + 4;

    private static readonly string[] Both = ["iran", "oman"];

    private readonly Samples _samples = new();
    private readonly PrivateJwk _swiss = PrivateJwk.Generate(JwkKind.P256, "swiss/session-1");
    private readonly IdentityKey _sender;

    public CommitmentTests()
    {
        _sender = _samples.SenderKey();
    }

    public void Dispose()
    {
        _sender.Key.Dispose();
        _swiss.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public async Task TryOpen_OneCiphertextThatOpensToTwoTexts_IsBrokenCommitment()
    {
        var content = await SalamanderAsync();
        var envelope = Samples.Sealed(Samples.Utf8(content.Jwe.ToJsonString()), audience: Both);

        var texts = new List<byte[]>();
        foreach (var key in content.Keys)
        {
            // The cipher itself is content under either key, and the text well formed under both.
            var text = new byte[Size];
            Assert.True(ContentCipher.TryDecrypt(key, content.Iv, content.Ciphertext, content.Tag, content.Associated, text));
            Assert.True(Plaintext.TryRead(text, out _));
            texts.Add(text);
        }
        Assert.NotEqual(texts[0], texts[1]);
        AssertSaidBySender(texts[0]);

        foreach (var held in new[] { _samples.Iran, _samples.Oman })
        {
            Assert.Equal(SealingFault.BrokenCommitment, Open(envelope, held));
        }
    }

    [Fact]
    public async Task TryOpen_AnotherKeyWrappedForOneOfThree_IsWrongContentKeyForThatOneAlone()
    {
        string[] audience = ["iran", "oman", "swiss"];
        var recipients = new[] { _samples.Iran, _samples.Oman, _swiss };
        var (padded, commitment) = await TextAsync(audience, new byte[100]);
        var key = RandomNumberGenerator.GetBytes(ContentCipher.KeySize);
        var iv = RandomNumberGenerator.GetBytes(ContentCipher.IvSize);
        var (jwe, associated) = Jwe(commitment, recipients, [key, RandomNumberGenerator.GetBytes(ContentCipher.KeySize), key]);
        var (ciphertext, tag) = (new byte[padded.Length], new byte[ContentCipher.TagSize]);
        ContentCipher.Encrypt(key, iv, padded, associated, ciphertext, tag);
        var envelope = Samples.Sealed(Samples.Utf8(Complete(jwe, iv, ciphertext, tag).ToJsonString()), audience: audience);

        Assert.Equal(
            [SealingFault.None, SealingFault.WrongContentKey, SealingFault.None],
            recipients.Select(recipient => Open(envelope, recipient)));
    }

    [Fact]
    public async Task TryOpen_OtherTextThanCommittedTo_IsBrokenCommitment()
    {
        var (padded, _) = await TextAsync(["iran"], "we accept"u8.ToArray());
        var (_, other) = await TextAsync(["iran"], "we refuse"u8.ToArray());
        var content = ContentSealer.Encrypt(padded, Samples.FirstId, other, [_samples.Iran.Public]);
        Assert.Equal(SealingFault.BrokenCommitment, Open(Samples.Sealed(content), _samples.Iran));
    }

    [Fact]
    public async Task TryCheck_WhatWasOpened_IsShownWithoutAnyKey()
    {
        var envelope = Samples.Sealed(await _samples.SealAsync([_samples.Iran.Public], "we accept"));
        Assert.True(ContentOpener.TryOpen(envelope, [_samples.Iran], [_sender], out var said, out _, out var detail), detail);

        Assert.Equal(SealingFault.None, Check(said.Opening, said.Jws, said.Body));
        Assert.Equal(SealingFault.BrokenCommitment, Check(said.Opening, said.Jws, "we refuse"u8.ToArray()));
        Assert.Equal(SealingFault.BrokenCommitment, Check(said.Opening[..^1], said.Jws, said.Body));
        Assert.Equal(SealingFault.BrokenCommitment, Check(said.Opening, said.Jws[..^1], said.Body));

        SealingFault Check(byte[] opening, byte[] jws, byte[] body)
        {
            var holds = ContentOpener.TryCheck(envelope, opening, jws, body, [_sender], out var shown, out var fault, out _);
            Assert.Equal(holds, shown is not null);
            return fault;
        }
    }

    // Text one is a statement of the sender in every byte but the first block of its opening. Where text two says that its statement
    // ends, four bytes of the body are chosen so that the rest is its body.
    private async Task<SalamanderContent> SalamanderAsync()
    {
        var iv = RandomNumberGenerator.GetBytes(ContentCipher.IvSize);
        var one = RandomNumberGenerator.GetBytes(ContentCipher.KeySize);
        var statementLength = (await JwsAsync(Both, [])).Length;
        var bodyAt = StatementAt + statementLength + 4;
        var (two, end) = FindSecondKey(one, iv, statementLength, bodyAt);
        var body = new byte[Size - bodyAt];
        var rest = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(rest, Size - end - 4);
        var (firstStream, secondStream) = (Stream(one, iv), Stream(two, iv));
        for (var i = 0; i < rest.Length; i++)
        {
            body[end + i - bodyAt] = (byte)(rest[i] ^ firstStream[end + i] ^ secondStream[end + i]);
        }

        var (text, commitment) = await TextAsync(Both, body);
        Assert.Equal(Size, text.Length);
        var ciphertext = text.Select((b, i) => (byte)(b ^ firstStream[i])).ToArray();
        var (jwe, associated) = Jwe(commitment, [_samples.Iran, _samples.Oman], [one, two]);
        var tag = Salamander.Solve(one, two, iv, associated, ciphertext);
        return new SalamanderContent(Complete(jwe, iv, ciphertext, tag), [one, two], iv, ciphertext, tag, associated);
    }

    // Some thousand keys until the length of the statement in text two is one that ends in the body of text one.
    private static (byte[] Key, int End) FindSecondKey(byte[] one, byte[] iv, int statementLength, int bodyAt)
    {
        const int Block = Commitment.OpeningSize / Salamander.BlockSize;
        var plain = (uint)statementLength ^ BinaryPrimitives.ReadUInt32BigEndian(Salamander.KeyStream(one, iv, Block));
        var key = new byte[ContentCipher.KeySize];
        for (ulong i = 0; ; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(key, i);
            var length = plain ^ BinaryPrimitives.ReadUInt32BigEndian(Salamander.KeyStream(key, iv, Block));
            if (length + StatementAt >= bodyAt && length <= Size - StatementAt - 4) return (key, StatementAt + (int)length);
        }
    }

    private static byte[] Stream(byte[] key, byte[] iv) =>
        [.. Enumerable.Range(0, Size / Salamander.BlockSize).SelectMany(block => Salamander.KeyStream(key, iv, block))];

    private static (JsonObject Jwe, byte[] Associated) Jwe(Digest commitment, PrivateJwk[] recipients, byte[][] contentKeys)
    {
        using var ephemeral = PrivateJwk.Generate(JwkKind.P256, "ephemeral");
        using var own = ephemeral.CreateECDiffieHellman();
        var epk = JsonNode.Parse(ephemeral.Public.ToJson())!.AsObject();
        epk.Remove("kid");
        var header = Samples.Base64Url(
            new JsonObject { ["alg"] = "ECDH-ES+A256KW", ["enc"] = "A256GCM", ["com"] = commitment.ToString(), ["epk"] = epk }
                .ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        var wrapped = new JsonArray();
        for (var i = 0; i < recipients.Length; i++)
        {
            var wrappingKey = new byte[EcdhEs.KeySize];
            using var other = ECDiffieHellman.Create(recipients[i].Public.ToECParameters());
            EcdhEs.DeriveKey(own, other.PublicKey, JweNames.DerivationId(direct: false), wrappingKey);
            wrapped.Add((JsonNode)new JsonObject
            {
                ["header"] = new JsonObject { ["kid"] = recipients[i].KeyId },
                ["encrypted_key"] = StrictBase64Url.Encode(AesKeyWrap.Wrap(wrappingKey, contentKeys[i])),
            });
        }
        var aad = Samples.Base64Url(Samples.FirstId.ToString());
        return (new JsonObject { ["protected"] = header, ["aad"] = aad, ["recipients"] = wrapped }, Samples.Ascii($"{header}.{aad}"));
    }

    private static JsonObject Complete(JsonObject jwe, byte[] iv, byte[] ciphertext, byte[] tag)
    {
        jwe["iv"] = StrictBase64Url.Encode(iv);
        jwe["ciphertext"] = StrictBase64Url.Encode(ciphertext);
        jwe["tag"] = StrictBase64Url.Encode(tag);
        return jwe;
    }

    private async Task<byte[]> JwsAsync(string[] audience, byte[] body)
    {
        using var signer = new LocalSigner(_samples.Identity);
        var draft = new StatementDraft { Id = Samples.FirstId, Audience = audience, ContentType = "text/plain", Body = body };
        return await StatementJws.SignAsync(draft, signer, TestContext.Current.CancellationToken);
    }

    private async Task<(byte[] Padded, Digest Commitment)> TextAsync(string[] audience, byte[] body)
    {
        var opening = RandomNumberGenerator.GetBytes(Commitment.OpeningSize);
        var jws = await JwsAsync(audience, body);
        return (Plaintext.Write(opening, jws, body), Commitment.Of(Samples.FirstId, opening, jws, body));
    }

    // Nothing but the commitment is wrong with it.
    private void AssertSaidBySender(byte[] text)
    {
        Assert.True(Plaintext.TryRead(text, out var plaintext));
        Assert.True(StatementJws.TryRead(plaintext.Statement, out var jws, out var detail), detail);
        Assert.True(jws.Verify(_sender.Key, plaintext.Body));
    }

    private SealingFault Open(SealedEnvelope envelope, PrivateJwk key)
    {
        var opened = ContentOpener.TryOpen(envelope, [key], [_sender], out _, out var fault, out var detail);
        Assert.Equal(opened, detail.Length == 0);
        return fault;
    }

    private sealed record SalamanderContent(
        JsonObject Jwe, byte[][] Keys, byte[] Iv, byte[] Ciphertext, byte[] Tag, byte[] Associated);
}

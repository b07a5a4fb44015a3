using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Protocol.Tests.Ledger;

public sealed class ReceiptTests : IDisposable
{
    private readonly LedgerSamples _samples = new();

    private static DateTimeOffset Now => LedgerSamples.Start.AddHours(1);

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task Check_OwnReceipt_Holds()
    {
        var bytes = await _samples.ReceiptAsync();
        Assert.Equal((ReceiptFault.None, ""), Check(bytes));
        Assert.StartsWith("c2sp.org/tlog-proof@v1\nextra ", Samples.Text(bytes), StringComparison.Ordinal);
        Assert.Contains("\nindex 2\n", Samples.Text(bytes), StringComparison.Ordinal);
        Assert.Contains($"\n\n{LedgerSamples.Origin}\n5\n", Samples.Text(bytes), StringComparison.Ordinal);
    }

    // The example of C2SP tlog-proof with whole signature lines in place of its shortened ones.
    [Fact]
    public async Task Write_PartThatBreaksTheFormat_Throws()
    {
        Assert.True(Receipt.TryParse(await _samples.ReceiptAsync(), out var receipt, out _, out _));
        Assert.True(TlogProof.TryParse(receipt.Bytes, out var proof, out _));
        var certificate = await _samples.CertifyAsync();
        var noCheckpoint = Note("text\n\n— name AAAAAAA=\n");
        Assert.Throws<ArgumentException>(() => Receipt.Write(_samples.Entry, 2, proof.Hashes.AsSpan(), noCheckpoint, certificate));
        Assert.Throws<ArgumentException>(() => Receipt.Write(_samples.Entry, -1, proof.Hashes.AsSpan(), proof.Note, certificate));
        Assert.Throws<ArgumentException>(
            () => Receipt.Write(_samples.Entry, MerkleHash.MaxSize, proof.Hashes.AsSpan(), proof.Note, certificate));
        Assert.Throws<ArgumentException>(
            () => Receipt.Write(_samples.Entry, 2, new Digest[MerkleProof.MaxHashes + 1], proof.Note, certificate));
        Assert.Throws<ArgumentException>(() => TlogProof.Write(new byte[TlogProof.MaxBytes], 2, [], proof.Note));
        Assert.Equal(
            receipt.Bytes.ToArray(), TlogProof.Write(proof.Extra, proof.Index, proof.Hashes.AsSpan(), proof.Note));

        static SignedNote Note(string text)
        {
            Assert.True(SignedNote.TryParse(Samples.Utf8(text), out var note, out var error), error);
            return note;
        }
    }

    [Fact]
    public void TlogProof_ExampleOfTheSpecification_IsRead()
    {
        const string Text = """
            c2sp.org/tlog-proof@v1
            extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ=
            index 73894
            gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
            B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=

            example.com/fancylog
            109482
            sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

            — example.com/fancylog AAAAAAA=

            """;
        // The specification's own extra line is no base64 of a whole number of bytes; a strict reader wants one.
        Assert.False(TlogProof.TryParse(Samples.Utf8(Text), out _, out _));
        var text = Text.Replace("YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ=", "YWdl", StringComparison.Ordinal);
        Assert.True(TlogProof.TryParse(Samples.Utf8(text), out var proof, out var error), error);
        Assert.Equal((73894, 2, "age"), (proof.Index, proof.Hashes.Length, Samples.Text(proof.Extra)));
        Assert.Equal(text, Samples.Text(TlogProof.Write(proof.Extra, proof.Index, proof.Hashes.AsSpan(), proof.Note)));
        Assert.True(
            TlogProof.TryParse(Samples.Utf8(text.Replace("extra YWdl\n", "", StringComparison.Ordinal)), out proof, out error), error);
        Assert.Null(proof.Extra);
        foreach (var (from, to) in new[]
        {
            ("@v1", "@v2"),
            ("extra YWdl", "extra "),
            ("index 73894", "index 073894"),
            ("index 73894", "index -1"),
            ("\n\nexample", "\nexample"),
            ("YWdl\n", "YWdl\nextra YWdl\n"),
        })
        {
            Assert.False(TlogProof.TryParse(Samples.Utf8(text.Replace(from, to, StringComparison.Ordinal)), out _, out error));
            Assert.StartsWith("expected ", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Check_EveryPrefixAndBitFlip_IsRefused()
    {
        var bytes = await _samples.ReceiptAsync();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(Receipt.TryParse(bytes.AsMemory(0, length), out _, out var fault, out _));
            Assert.NotEqual(ReceiptFault.None, fault);
        }
        using var verifier = _samples.Verifier();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            var passes = Receipt.TryParse(changed, out var receipt, out _, out _)
                && verifier.Check(receipt, _samples.Envelope, Now, out _) == ReceiptFault.None;
            Assert.False(passes, $"bit {bit} changed unnoticed");
        }
    }

    [Fact]
    public async Task Check_EachFault_IsFoundByItsOwnCheck()
    {
        using var other = PrivateJwk.Generate(JwkKind.P256, _samples.Vault.KeyId);
        using var otherSigner = new LocalSigner(other);
        using var strange = PrivateJwk.Generate(JwkKind.P256, $"https://kv.vault.azure.net/keys/other/{Samples.KeyVersion}");
        using var strangeSigner = new LocalSigner(strange);
        var good = await _samples.ReceiptAsync();
        var entry = _samples.Entry;
        var found = new Dictionary<ReceiptFault, (ReceiptFault Fault, string Detail)>
        {
            [ReceiptFault.None] = Check(good),
            [ReceiptFault.Malformed] = Check("c2sp.org/tlog-proof@v1\n"u8.ToArray()),
            [ReceiptFault.BadExtra] = Check(WithExtra(good, "{\"entry\":\"relay\"}")),
            [ReceiptFault.BadEntry] = Check(WithExtra(good, "{\"entry\":\"relay/heartbeat/v1\\n1\\n\",\"key\":\"a.b.c\"}")),
            [ReceiptFault.BadCertificate] = Check(
                WithExtra(
                    good,
                    $"{{\"entry\":\"{Samples.Text(entry.ToBytes()).Replace("\n", "\\n", StringComparison.Ordinal)}\",\"key\":\"a.b.c\"}}")),
            [ReceiptFault.WrongOrigin] = Check(await _samples.ReceiptAsync(origin: "relay.example/other")),
            [ReceiptFault.UnknownVaultKey] = Check(
                await _samples.ReceiptAsync(certificate: await _samples.CertifyAsync(signer: strangeSigner))),
            [ReceiptFault.BadCertificateSignature] = Check(
                await _samples.ReceiptAsync(certificate: await _samples.CertifyAsync(signer: otherSigner))),
            [ReceiptFault.CertificateForOtherOrigin] = Check(
                await _samples.ReceiptAsync(certificate: await _samples.CertifyAsync("relay.exampl/"))),
            [ReceiptFault.CertificateNotYetValid] = Check(
                await _samples.ReceiptAsync(certificate: await _samples.CertifyAsync(notBefore: LedgerSamples.Start.AddDays(1)))),
            [ReceiptFault.CertificateExpired] = Check(
                await _samples.ReceiptAsync(certificate: await _samples.CertifyAsync(notBefore: LedgerSamples.Start.AddDays(-1)))),
            [ReceiptFault.CheckpointNotSigned] = Check(await _samples.ReceiptAsync(signedBy: other)),
            [ReceiptFault.BadCheckpointSignature] = Check(
                Replace(good, $"\n\n{LedgerSamples.Origin}\n5\n", $"\n\n{LedgerSamples.Origin}\n6\n")),
            [ReceiptFault.NotIncluded] = Check(Replace(good, "\nindex 2\n", "\nindex 3\n")),
            [ReceiptFault.EntryInFuture] = Check(await AheadAsync(121)),
            [ReceiptFault.EntryForOtherEnvelope] = Check(good, Head(Samples.Draft(2))),
            [ReceiptFault.EntryForOtherContent] = Check(good, Head(Samples.Draft() with { IssuedAt = Samples.Issued.AddSeconds(1) })),
        };
        // A key's standing is known to whoever looks it up.
        Assert.Equal(Enum.GetValues<ReceiptFault>().Except([ReceiptFault.CompromisedVaultKey]), found.Keys.Order());
        foreach (var (expected, came) in found)
        {
            Assert.Equal(expected, came.Fault);
            Assert.Equal(expected != ReceiptFault.None, came.Detail.StartsWith("expected ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Check_WithdrawnVaultKey_StopsAtOnceThoughTheCertificateIsRemembered()
    {
        var withdrawn = false;
        using var verifier = new ReceiptVerifier(LedgerSamples.Origin, _ => withdrawn ? null : _samples.VaultKey);
        Assert.True(Receipt.TryParse(await _samples.ReceiptAsync(), out var receipt, out _, out _));
        Assert.Equal(ReceiptFault.None, verifier.Check(receipt, _samples.Envelope, Now, out _));
        withdrawn = true;
        Assert.Equal(ReceiptFault.UnknownVaultKey, verifier.Check(receipt, _samples.Envelope, Now, out _));
    }

    [Fact]
    public async Task Check_VaultKeyOfTheSameNameReplaced_DoesNotUseWhatIsRemembered()
    {
        using var other = PrivateJwk.Generate(JwkKind.P256, _samples.Vault.KeyId);
        Assert.True(VerificationKey.TryCreate(other.Public, out var otherKey, out _));
        var key = _samples.VaultKey;
        using var verifier = new ReceiptVerifier(LedgerSamples.Origin, _ => key);
        Assert.True(Receipt.TryParse(await _samples.ReceiptAsync(), out var receipt, out _, out _));
        Assert.Equal(ReceiptFault.None, verifier.Check(receipt, _samples.Envelope, Now, out _));
        key = otherKey;
        Assert.Equal(ReceiptFault.BadCertificateSignature, verifier.Check(receipt, _samples.Envelope, Now, out _));
        otherKey.Dispose();
    }

    [Fact]
    public async Task Check_ManyThreadsAndTwoCertificates_AlwaysAgree()
    {
        using var verifier = _samples.Verifier();
        var receipts = new List<Receipt>();
        for (var i = 0; i < 2; i++)
        {
            Assert.True(Receipt.TryParse(await _samples.ReceiptAsync(), out var receipt, out _, out var error), error);
            receipts.Add(receipt);
        }
        Parallel.For(
            0, 200, i => Assert.Equal(ReceiptFault.None, verifier.Check(receipts[i % 2], _samples.Envelope, Now, out _)));
    }

    [Fact]
    public async Task Certificate_ReadBack_IsTheOneSigned()
    {
        var certificate = await _samples.CertifyAsync();
        Assert.True(CheckpointKeyCertificate.TryParse(certificate.Bytes, out var read, out var error), error);
        Assert.Equal(
            (LedgerSamples.Prefix, LedgerSamples.Start, LedgerSamples.Start.AddHours(1)),
            (read.OriginPrefix, read.NotBefore, read.ExpiresAt));
        Assert.Equal(_samples.Vault.KeyId, read.SignedBy.Text);
        Assert.Equal(_samples.CheckpointKey.Public.Thumbprint(), read.Key.Thumbprint());
        Assert.Equal(SignatureFault.None, read.Verify(_samples.VaultKey));
        Assert.True(read.Covers(LedgerSamples.Origin));
        Assert.False(read.Covers("relay.example/"));
        Assert.False(read.Covers("relay.example/a/b"));
        Assert.False(read.Covers("relay.example.org/a"));
        var bytes = certificate.Bytes.ToArray();
        for (var i = 0; i < bytes.Length; i++)
        {
            Assert.False(
                CheckpointKeyCertificate.TryParse(bytes.AsSpan(0, i), out var cut, out _)
                    && cut.Verify(_samples.VaultKey) == SignatureFault.None);
            var original = bytes[i];
            for (var bit = 0; bit < 8; bit++)
            {
                bytes[i] = (byte)(original ^ (1 << bit));
                Assert.False(
                    CheckpointKeyCertificate.TryParse(bytes, out var changed, out _)
                        && changed.Verify(_samples.VaultKey) == SignatureFault.None,
                    $"byte {i} bit {bit}");
            }
            bytes[i] = original;
        }
    }

    [Fact]
    public async Task Certificate_BrokenRule_IsNotSigned()
    {
        var key = LedgerSamples.Public(_samples.CheckpointKey);
        async Task SignAsync(string prefix, PublicJwk jwk, int seconds) =>
            await CheckpointKeyCertificate.SignAsync(
                prefix, jwk, LedgerSamples.Start, LedgerSamples.Start.AddSeconds(seconds), _samples.VaultSigner, LedgerSamples.Token);
        await SignAsync("r/", key, 3600);
        await Assert.ThrowsAsync<ArgumentException>(() => SignAsync("r/", key, 3601));
        await Assert.ThrowsAsync<ArgumentException>(() => SignAsync("r/", key, 0));
        await Assert.ThrowsAsync<ArgumentException>(() => SignAsync("r", key, 60));
        await Assert.ThrowsAsync<ArgumentException>(() => SignAsync("/", key, 60));
        await Assert.ThrowsAsync<ArgumentException>(() => SignAsync("r e/", key, 60));
        using var large = PrivateJwk.Generate(JwkKind.P384, "large");
        await Assert.ThrowsAsync<ArgumentException>(() => SignAsync("r/", LedgerSamples.Public(large), 60));
    }

    [Fact]
    public async Task Check_EntryAsFarAheadAsClocksMayBe_Holds() => Assert.Equal(ReceiptFault.None, Check(await AheadAsync(120)).Fault);

    // So many seconds ahead of the clock that Check is given.
    private async Task<byte[]> AheadAsync(int seconds)
    {
        var now = Now;
        var entry = MadeUp.Entry(_samples.Envelope, Digest.Of("policy"u8), now.AddSeconds(seconds), "oman", "qatar");
        return await _samples.ReceiptAsync(entry, await _samples.CertifyAsync(notBefore: now));
    }

    private (ReceiptFault Fault, string Detail) Check(byte[] bytes, EnvelopeHead? envelope = null)
    {
        using var verifier = _samples.Verifier();
        if (!Receipt.TryParse(bytes, out var receipt, out var fault, out var detail)) return (fault, detail);
        return (verifier.Check(receipt, envelope ?? _samples.Envelope, Now, out detail), detail);
    }

    private static EnvelopeHead Head(EnvelopeDraft draft) => SealedEnvelope.Create(draft).Head;

    private static byte[] WithExtra(byte[] receipt, string json)
    {
        Assert.True(TlogProof.TryParse(receipt, out var proof, out _));
        return TlogProof.Write(Samples.Utf8(json), proof.Index, proof.Hashes.AsSpan(), proof.Note);
    }

    private static byte[] Replace(byte[] receipt, string from, string to)
    {
        var text = Samples.Text(receipt);
        Assert.Contains(from, text, StringComparison.Ordinal);
        return Samples.Utf8(text.Replace(from, to, StringComparison.Ordinal));
    }
}

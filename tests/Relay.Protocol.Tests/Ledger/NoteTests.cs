using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Ledger;

public sealed class NoteTests : IDisposable
{
    // Two logs in the field that sign with ECDSA; key and note of each as in transparency-dev/formats, note/note_verifier_test.go.
    private const string RekorKey = "rekor.sigstore.dev+c0d23d6a+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNhtmPtrWm3U1eQXBogSMdGvXwBcK5AW5i0hrZLOC96l+smGNM7nwZ4QvFK/4sueRoVj//QP22Ni4Qt9DPfkWLc=";
    private const string RekorNote =
        "Rekor\n798034\nf+7CoKgXKE/tNys9TTXcr/ad6U/K3xvznmzew9y6SP0=\n\n— rekor.sigstore.dev "
            + "wNI9ajBEAiARInWIWyCdyG27CO6LPnPekyw20qO0YJfoaPaowGp/XgIgc+qEHS3+GKVClgqq20uDLet7MCoTURUCRdxwWBHHufk=\n";
    private const string PixelKey = "pixel6_transparency_log+91c16e30+AjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABN+4x0Jk1yTwvLFI9A4NDdGZcX0aiWVdWM5XJVy0M4VWD3AvyW5Q6Hs9A0mcDkpUoYgn+KKPNzFC0H3nN3q6JQ8=";
    private const string PixelNote =
        "DEFAULT\n10\nbsWRucJU5xJPHb5eBdOm6+DM+VelCZBuvtI3sHERJ9Y=\n\n— pixel6_transparency_log "
            + "kcFuMDBFAiEAhqMAP8P6qf6QxtUJhzMhbN+MbZ9dwfUHzGQJmffJHtoCIGD0cNe47dHWBoPwYdgBCepB06/+g5O1FmYjXl06owL4\n";

    private readonly LedgerSamples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Theory]
    [InlineData(RekorKey, RekorNote, "Rekor", 798034)]
    [InlineData(PixelKey, PixelNote, "DEFAULT", 10)]
    public void Verify_NoteOfAPublicLog_Holds(string keyText, string noteText, string origin, long size)
    {
        Assert.True(NoteKey.TryParse(keyText, out var key, out var error), error);
        Assert.Equal(keyText, key.ToString());
        var note = Parse(noteText);
        Assert.Equal(NoteFault.None, key.Verify(note));
        Assert.True(Checkpoint.TryParse(note.Text.Span, out var checkpoint, out error), error);
        Assert.Equal((origin, size), (checkpoint.Origin, checkpoint.Size));
        Assert.Equal(Samples.Text(note.Text.Span), Samples.Text(checkpoint.ToBytes()));
        Assert.Equal(
            NoteFault.NotSigned,
            key.Verify(
                Parse(
                    noteText.Replace("— rekor.", "— bananas.", StringComparison.Ordinal)
                        .Replace("— pixel6", "— pixel7", StringComparison.Ordinal))));
        key.Dispose();
    }

    // The examples of C2SP signed-note: Ed25519, which this reader parses and no key of ours vouches for.
    [Fact]
    public void TryParse_ExamplesOfTheSpecification_KeepTextAndSignatures()
    {
        var note = Parse(
            "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— "
                + "quasimodo.example/salvatore "
                    + "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n");
        Assert.EndsWith("sole:\n\ned è subito sera.\n", Samples.Text(note.Text.Span), StringComparison.Ordinal);
        Assert.Equal("quasimodo.example/salvatore", Assert.Single(note.Signatures).Name);
        note = Parse(
            "This is an example message.\n\n— example.com/foo "
                + "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n");
        Assert.Equal(0x530d903au, Assert.Single(note.Signatures).KeyId);
        Assert.Equal(64, note.Signatures[0].Value.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n— name AAAAAAA=\n")]
    [InlineData("text\n\n— name AAAAAAA=")]
    [InlineData("text\n\n— name AAAAAA==\n")]
    [InlineData("text\n\n— name AAAAAAB=\n")]
    [InlineData("text\n\n— name AAAAAAA=\n\n")]
    [InlineData("text\n\n— name  AAAAAAA=\n")]
    [InlineData("text\n\n— na+me AAAAAAA=\n")]
    [InlineData("text\n\n— na\u00a0me AAAAAAA=\n")]
    [InlineData("text\n\n—  AAAAAAA=\n")]
    [InlineData("text\n\n- name AAAAAAA=\n")]
    [InlineData("te\txt\n\n— name AAAAAAA=\n")]
    [InlineData("text\r\n\n— name AAAAAAA=\n")]
    [InlineData("text\n\n— name AAAAAAA=\ntrailer\n")]
    public void TryParse_AnythingElse_IsFalse(string text)
    {
        Assert.False(SignedNote.TryParse(Samples.Utf8(text), out _, out var error));
        Assert.StartsWith("expected ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_BoundsAndEncoding_AreHeld()
    {
        const string Line = "— name AAAAAAA=\n";
        Parse("text\n\n" + string.Concat(Enumerable.Repeat(Line, SignedNote.MaxSignatures)));
        Assert.False(
            SignedNote.TryParse(
                Samples.Utf8("text\n\n" + string.Concat(Enumerable.Repeat(Line, SignedNote.MaxSignatures + 1))), out _, out _));
        Assert.False(SignedNote.TryParse(new byte[SignedNote.MaxBytes + 1], out _, out _));
        Assert.False(SignedNote.TryParse(new byte[] { 0xff, 10, 10 }, out _, out _));
    }

    [Fact]
    public async Task Verify_OwnNote_HoldsAndEveryPrefixAndBitFlipIsRefused()
    {
        var note = await _samples.SignAsync(new Checkpoint(LedgerSamples.Origin, 5, Digest.Of([1])));
        using var key = Key();
        Assert.Equal(NoteFault.None, key.Verify(note));
        var bytes = note.Bytes.ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(SignedNote.TryParse(bytes.AsMemory(0, length), out _, out _));
        }
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(
                SignedNote.TryParse(changed, out var other, out _) && key.Verify(other) == NoteFault.None, $"bit {bit} changed unnoticed");
        }
    }

    [Fact]
    public async Task Verify_LinesOfOthers_AreIgnoredAndASecondOwnLineIsNot()
    {
        var note = await _samples.SignAsync(new Checkpoint(LedgerSamples.Origin, 5, Digest.Of([1])));
        using var key = Key();
        var text = Samples.Text(note.Bytes.Span);
        Assert.Equal(NoteFault.None, key.Verify(Parse(text + "— other.example AAAAAAA=\n")));
        Assert.Equal(NoteFault.None, key.Verify(Parse(text + $"— {LedgerSamples.Origin} AAAAAAA=\n")));
        var own = text[text.IndexOf('—', StringComparison.Ordinal)..];
        Assert.Equal(NoteFault.SignedTwice, key.Verify(Parse(text + own)));
        var form = StrictBase64.Encode(
            [(byte)(key.KeyId >> 24), (byte)((key.KeyId >> 16) & 255), (byte)((key.KeyId >> 8) & 255), (byte)(key.KeyId & 255), 1, 2, 3]);
        Assert.Equal(NoteFault.BadSignatureForm, key.Verify(Parse($"{Samples.Text(note.Text.Span)}\n— {LedgerSamples.Origin} {form}\n")));
    }

    [Fact]
    public async Task Named_VerifiesAndSignsUnderThatNameAlone_AlsoAfterTheOneItIsOf()
    {
        var key = Key();
        var other = key.Named("relay.example/other");
        Assert.Equal((key.KeyId, key.Public, "relay.example/other"), (other.KeyId, other.Public, other.Name));
        var note = await other.SignAsync("text\n"u8.ToArray(), _samples.CheckpointSigner, LedgerSamples.Token);
        Assert.Equal(NoteFault.None, other.Verify(note));
        Assert.Equal(NoteFault.NotSigned, key.Verify(note));
        other.Dispose();
        Assert.Equal(NoteFault.NotSigned, key.Verify(note));
        key.Dispose();
        Assert.Equal(NoteFault.None, other.Verify(note));
        Assert.Throws<ArgumentException>(() => key.Named("a b"));
    }

    [Fact]
    public async Task SignAsync_OtherKeyOrText_Throws()
    {
        using var key = Key();
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await key.SignAsync("text\n"u8.ToArray(), _samples.VaultSigner, LedgerSamples.Token));
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await key.SignAsync("text\n"u8.ToArray(), new Elsewhere(_samples.VaultSigner), LedgerSamples.Token));
        Assert.Equal(
            NoteFault.None,
            key.Verify(await key.SignAsync("text\n"u8.ToArray(), new Elsewhere(_samples.CheckpointSigner), LedgerSamples.Token)));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await key.SignAsync("text"u8.ToArray(), _samples.CheckpointSigner, LedgerSamples.Token));
    }

    [Fact]
    public void TryParse_VerifierKeyWithAnyCharacterChanged_IsFalse()
    {
        for (var i = "rekor.sigstore.dev".Length; i < RekorKey.Length; i++)
        {
            var changed = RekorKey.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Assert.False(NoteKey.TryParse(new string(changed), out _, out var error), $"character {i}");
            Assert.NotEqual("", error);
        }
        Assert.False(NoteKey.TryParse("a b" + RekorKey["rekor.sigstore.dev".Length..], out _, out _));
    }

    // r and s of 32 bytes at the edges of DER's integers: first bit set, leading zeros, zero.
    [Theory]
    [InlineData("00", "00", "3006020100020100")]
    [InlineData("7f", "80", "300702017f02020080")]
    [InlineData("ff00", "0100", "3009020300ff0002020100")]
    public void EcdsaDer_EdgeValues_RoundTrip(string r, string s, string der)
    {
        var value = Convert.FromHexString(r.PadLeft(64, '0') + s.PadLeft(64, '0'));
        var written = EcdsaDer.Write(value);
        Assert.Equal(der, Convert.ToHexStringLower(written));
        var read = new byte[64];
        Assert.True(EcdsaDer.TryRead(written, read));
        Assert.Equal(value, read);
        for (var length = 0; length < written.Length; length++) Assert.False(EcdsaDer.TryRead(written.AsSpan(0, length), read));
        Assert.False(EcdsaDer.TryRead([.. written, 0], read));
    }

    [Theory]
    [InlineData("300702020001020101")]
    [InlineData("3006020180020101")]
    [InlineData("308106020101020101")]
    [InlineData("3005020002020101")]
    [InlineData("3107020101020101")]
    [InlineData("30080201010201010500")]
    public void EcdsaDer_AnyOtherEncoding_IsRefused(string der) => Assert.False(EcdsaDer.TryRead(Convert.FromHexString(der), new byte[64]));

    // C2SP tlog-checkpoint and its rules.
    [Theory]
    [InlineData("example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", true)]
    [InlineData("o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", true)]
    [InlineData("o\n0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    [InlineData("\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    [InlineData("o\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    [InlineData("o\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    [InlineData("o\n9007199254740992\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    [InlineData("o\n9007199254740991\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", true)]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", false)]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n", false)]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", false)]
    [InlineData("o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n", false)]
    [InlineData("o p\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", false)]
    public void Checkpoint_Text_IsReadStrictly(string text, bool valid)
    {
        Assert.Equal(valid, Checkpoint.TryParse(Samples.Utf8(text), out var checkpoint, out var error));
        Assert.Equal(valid, error.Length == 0);
        if (valid) Assert.Equal(text, Samples.Text(checkpoint!.ToBytes()));
    }

    private NoteKey Key()
    {
        Assert.True(
            NoteKey.TryCreate(LedgerSamples.Origin, LedgerSamples.Public(_samples.CheckpointKey), out var key, out var error), error);
        return key;
    }

    private static SignedNote Parse(string text)
    {
        Assert.True(SignedNote.TryParse(Samples.Utf8(text), out var note, out var error), error);
        return note;
    }

    /// <summary>A signer that does not say which key it has, as a vault's.</summary>
    private sealed class Elsewhere(IJwsSigner signer) : IJwsSigner
    {
        public string KeyId => signer.KeyId;

        public JwsAlgorithm Algorithm => signer.Algorithm;

        public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) =>
            signer.SignAsync(hash, cancellationToken);
    }
}

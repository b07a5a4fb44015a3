using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Tests.Ledger;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Evidence;

public sealed class EvidenceFileTests : IDisposable
{
    private readonly EvidenceSamples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Theory]
    [InlineData(LieKind.Fork)]
    [InlineData(LieKind.Rollback)]
    [InlineData(LieKind.UnreadableEntry)]
    [InlineData(LieKind.ForeignEntry)]
    [InlineData(LieKind.ForbiddenEntry)]
    [InlineData(LieKind.NoQuorum)]
    [InlineData(LieKind.LateEntry)]
    [InlineData(LieKind.FalseEvidence)]
    [InlineData(LieKind.BrokenPromise)]
    [InlineData(LieKind.LoggedTwice)]
    [InlineData(LieKind.BrokenOrder)]
    [InlineData(LieKind.BrokenChain)]
    [InlineData(LieKind.TimeBackwards)]
    [InlineData(LieKind.ForgedAcknowledgement)]
    [InlineData(LieKind.FalseAcknowledgement)]
    [InlineData(LieKind.AcknowledgedTwice)]
    [InlineData(LieKind.PrekeyTwice)]
    [InlineData(LieKind.BrokenPrekeys)]
    [InlineData(LieKind.ForgedPrekeys)]
    [InlineData(LieKind.Accusation)]
    [InlineData(LieKind.WrongWrap)]
    public async Task Judge_LieOfEachKind_IsProvedAndNoChangedBitOrPrefixIs(LieKind kind)
    {
        foreach (var file in await LiesAsync(kind, size: 9))
        {
            var verdict = EvidenceJudge.Judge(file, _samples.Inputs);
            Assert.True(verdict.Standing == EvidenceStanding.Proved, $"{verdict.Fault}: {verdict.Detail}");
            var said = kind switch
            {
                LieKind.Accusation => "evidence at index ",
                LieKind.WrongWrap => "the sender of ",
                _ => "the relay ",
            };
            Assert.StartsWith(said, verdict.Detail, StringComparison.Ordinal);
            var bytes = file.Bytes.ToArray();
            Assert.True(EvidenceFile.TryParse(bytes, out var read, out _));
            var again = EvidenceFile.Create(read.Kind, read.Trees, read.Root, read.Document, read.Wrap);
            Assert.Equal(bytes, again.Bytes.ToArray());
            // The judge has its own document only where the file has none: with both, a change of the file's would mean nothing.
            var inputs = file.Document.IsEmpty ? _samples.Inputs : _samples.Inputs with { FindDocument = _ => null };
            Assert.Equal(EvidenceFault.None, EvidenceJudge.Judge(bytes, inputs).Fault);
            for (var length = 0; length < bytes.Length; length += 7) AssertProvesNothing(bytes[..length], inputs, $"cut to {length}");
            for (var bit = 0; bit < bytes.Length * 8; bit += 41)
            {
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                AssertProvesNothing(bytes, inputs, $"bit {bit} changed");
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            }
            foreach (var (what, text) in OtherLines(Samples.Text(bytes))) AssertProvesNothing(Samples.Utf8(text), inputs, what);
        }
    }

    // Each line left out, there twice, and before the one in front of it.
    private static IEnumerable<(string What, string Text)> OtherLines(string text)
    {
        var lines = text.Split('\n')[..^1];
        for (var i = 0; i < lines.Length; i++)
        {
            yield return ($"without line {i}", Whole([.. lines[..i], .. lines[(i + 1)..]]));
            yield return ($"line {i} twice", Whole([.. lines[..(i + 1)], .. lines[i..]]));
            if (i == 0 || lines[i] == lines[i - 1]) continue;
            yield return ($"line {i} before its predecessor", Whole([.. lines[..(i - 1)], lines[i], lines[i - 1], .. lines[(i + 1)..]]));
        }
        static string Whole(string[] lines) => string.Concat(lines.Select(line => line + "\n"));
    }

    [Fact]
    public async Task LiesAsync_EveryKind_HasOne()
    {
        foreach (var kind in Enum.GetValues<LieKind>())
        {
            Assert.NotEmpty(await LiesAsync(kind, size: 9));
            Assert.True(LieKinds.TryParse(kind.ToText(), out var read));
            Assert.Equal(kind, read);
        }
        Assert.False(LieKinds.TryParse("Fork", out _));
        Assert.False(LieKinds.TryParse(null, out _));
    }

    // Whatever else an honest ledger holds, the same statements under another name of a lie prove nothing.
    [Fact]
    public async Task Judge_HonestStatements_ProveNoKindOfLie()
    {
        var first = await _samples.EntryAsync();
        var second = await _samples.EntryAsync(
            EvidenceSamples.Head(Samples.Draft(2) with { Previous = first.Digest, Seen = new SeenCheckpoint(1, Digest.Of([7])) }), 6);
        var evidence = new EvidenceEntry
        {
            Shows = EvidenceKind.ForkSeen,
            Heads = [second.Judged],
            At = LedgerSamples.Start.AddMinutes(7),
        };
        var prekeys = new PrekeyLies(_samples, 9);
        var bundle = await prekeys.BundleAsync(0, 3, 7, 1);
        byte[][] entries =
        [
            new HeartbeatEntry { At = LedgerSamples.Start }.ToBytes(),
            new PolicyEntry { Version = 1, Policy = _samples.Document.PolicyDigest, At = LedgerSamples.Start }.ToBytes(),
            first.ToBytes(), second.ToBytes(), evidence.ToBytes(),
            await new AcknowledgementLies(_samples, 9).SayAsync(_samples.Relay.Envelope, "iran"),
            await new AcknowledgementLies(_samples, 9).SayAsync(second.Head, "iran", "not-opened"),
            bundle.ToBytes(), (await prekeys.ClaimAsync(7, 3, bundle.Bundle.Digest, 7, 0, "ns", 1, 2)).ToBytes(),
        ];
        var whole = EvidenceSamples.Tree(entries);
        // The evidence in it is true, and accuses nobody falsely.
        foreach (var kind in Enum.GetValues<LieKind>().Where(kind => kind is not (LieKind.Accusation or LieKind.WrongWrap)))
        {
            var leaves = kind.Leaves();
            for (var i = 0; leaves > 0 && i < entries.Length; i++)
            {
                for (var j = 0; j < (leaves == 2 ? entries.Length : 1); j++)
                {
                    var tree = await _samples.TreeAsync(entries, leaves == 1 ? [i] : [i, j]);
                    AssertHonest(EvidenceFile.Create(kind, [tree]));
                    if (!kind.TakesRoot()) continue;
                    Assert.True(MerkleProof.TryBuildConsistency(whole, 1, entries.Length, out var proof));
                    var root = new EvidenceRoot(whole.Root(1), proof);
                    AssertHonest(EvidenceFile.Create(kind, [tree], root));
                }
            }
        }
        for (var size = 1; size <= entries.Length; size++)
        {
            var small = await _samples.SignedAsync(EvidenceSamples.Tree(entries[..size]));
            var large = await _samples.SignedAsync(whole);
            Assert.True(MerkleProof.TryBuildConsistency(whole, size, entries.Length, out var proof));
            AssertHonest(EvidenceFile.Fork(small, large));
            AssertHonest(EvidenceFile.Fork(large, small));
            AssertHonest(EvidenceFile.Fork(small, large, new EvidenceRoot(whole.Root(size), proof)));
            AssertHonest(EvidenceFile.Create(LieKind.Rollback, [new(small, []), new(large, [])]));
            AssertHonest(EvidenceFile.Create(LieKind.Rollback, [new(large, []), new(small, [])]));
        }
    }

    [Fact]
    public async Task Judge_WhatIsNotKnown_IsNotJudged()
    {
        var (noQuorum, forbidden) = ((await LiesAsync(LieKind.NoQuorum, 9))[0], (await LiesAsync(LieKind.ForbiddenEntry, 9))[0]);
        var inputs = _samples.Inputs;
        var noRelay = EvidenceInputs.Of(_ => null);
        var noDocument = inputs with { FindDocument = _ => null };
        Assert.Equal(EvidenceFault.UnknownRelayKey, EvidenceJudge.Judge(noQuorum, noRelay).Fault);
        Assert.Equal(EvidenceFault.NoDocument, EvidenceJudge.Judge(noQuorum, noDocument).Fault);
        Assert.Equal(EvidenceFault.NoDocument, EvidenceJudge.Judge(forbidden, noDocument).Fault);
        var carried = EvidenceFile.Create(LieKind.NoQuorum, noQuorum.Trees, null, _samples.Document.Bytes);
        Assert.Equal(EvidenceFault.None, EvidenceJudge.Judge(carried, noDocument).Fault);
        var foreign = EvidenceFile.Create(LieKind.NoQuorum, noQuorum.Trees, null, EvidenceSamples.Parse("iran", "us").Bytes);
        Assert.Equal(EvidenceFault.NoDocument, EvidenceJudge.Judge(foreign, noDocument).Fault);
        var future = await _samples.TreeAsync(3, (1, Samples.Utf8("relay/handshake/v7\nsomething\n")));
        foreach (var kind in Enum.GetValues<LieKind>().Where(kind => kind.Leaves() == 1 && kind != LieKind.WrongWrap))
        {
            Assert.Equal(EvidenceFault.UnknownEntryKind, EvidenceJudge.Judge(EvidenceFile.Create(kind, [future]), inputs).Fault);
        }
    }

    [Theory]
    [InlineData("oman", EvidenceFault.None)] // weight 1 of 3, nobody else signed
    [InlineData("oman qatar", EvidenceFault.UnknownMediatorKey)]
    [InlineData("oman swiss", EvidenceFault.None)] // with swiss unknown: at most 2 of 3
    [InlineData("qatar swiss", EvidenceFault.UnknownMediatorKey)]
    [InlineData("oman qatar swiss", EvidenceFault.UnknownMediatorKey)]
    public async Task Judge_NoQuorumWithAKeyThatIsMissing_IsJudgedOnlyWhenThatKeyCannotMatter(string signed, EvidenceFault expected)
    {
        var entry = await _samples.EntryAsync(mediators: signed.Split(' '));
        var file = EvidenceFile.Create(LieKind.NoQuorum, [await _samples.TreeAsync(3, (1, entry.ToBytes()))]);
        var inputs = _samples.Inputs;
        var missing = signed.Split(' ')[^1] == "qatar" ? "qatar" : "swiss";
        var without = inputs with
        {
            FindMediatorKey = (id, at) => id.Text == Samples.KeyId(missing) ? null : inputs.FindMediatorKey(id, at),
        };
        Assert.Equal(expected, EvidenceJudge.Judge(file, without).Fault);
    }

    [Fact]
    public async Task Judge_SignaturesThatAreForged_AreToldEach()
    {
        var other = new LedgerSamples();
        using var _ = other;
        var fork = (await LiesAsync(LieKind.Fork, 9))[0];
        Assert.Equal(
            EvidenceFault.BadCertificate,
            EvidenceJudge.Judge(fork, _samples.Inputs with { FindRelayKey = _ => other.VaultKey }).Fault);
        var elsewhere = await _samples.Relay.CertifyAsync("relay.other/");
        Assert.True(SignedCheckpoint.TryParse(fork.Trees[0].Signed.Note.Bytes, elsewhere.Bytes, out var signed, out var error), error);
        var file = EvidenceFile.Create(LieKind.Fork, [new(signed, []), fork.Trees[1]]);
        Assert.Equal(EvidenceFault.CertificateForOtherOrigin, EvidenceJudge.Judge(file, _samples.Inputs).Fault);
        var note = await other.SignAsync(fork.Trees[0].Signed.Checkpoint);
        var certificate = await _samples.Relay.CertifyAsync();
        Assert.True(SignedCheckpoint.TryParse(note.Bytes, certificate.Bytes, out signed, out error), error);
        file = EvidenceFile.Create(LieKind.Fork, [fork.Trees[1], new(signed, [])]);
        Assert.Equal(EvidenceFault.CheckpointNotSigned, EvidenceJudge.Judge(file, _samples.Inputs).Fault);
    }

    [Fact]
    public async Task Judge_ProofsThatLeadElsewhere_AreTold()
    {
        var lie = (await LiesAsync(LieKind.UnreadableEntry, 9))[0];
        var tree = lie.Trees[0];
        var moved = new EvidenceTree(tree.Signed, [tree.Leaves[0] with { Index = tree.Leaves[0].Index + 1 }]);
        Assert.Equal(EvidenceFault.NotIncluded, EvidenceJudge.Judge(EvidenceFile.Create(lie.Kind, [moved]), _samples.Inputs).Fault);
        var fork = (await LiesAsync(LieKind.Fork, 9))[1];
        var wrong = fork.Root! with { Root = Digest.Of([3]) };
        var broken = EvidenceFile.Create(fork.Kind, fork.Trees, wrong);
        Assert.Equal(EvidenceFault.NotConsistent, EvidenceJudge.Judge(broken, _samples.Inputs).Fault);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(120, false)]
    [InlineData(121, true)]
    public async Task Judge_SmallerTreeUnderALaterKey_IsARollbackOnceNoClockExplainsIt(int seconds, bool proved)
    {
        var large = await _samples.SignedAsync(EvidenceSamples.Tree("a", 8));
        var ended = LedgerSamples.Start.AddHours(1);
        var small = await _samples.SignedAsync(EvidenceSamples.Tree("a", 5), notBefore: ended.AddSeconds(seconds));
        var file = EvidenceFile.Create(LieKind.Rollback, [new(large, []), new(small, [])]);
        Assert.Equal(proved, EvidenceJudge.Judge(file, _samples.Inputs).Standing == EvidenceStanding.Proved);
        var same = await _samples.SignedAsync(EvidenceSamples.Tree("a", 8), notBefore: ended.AddSeconds(seconds));
        AssertHonest(EvidenceFile.Create(LieKind.Rollback, [new(large, []), new(same, [])]));
    }

    [Theory]
    [InlineData("", "expected relay/evidence-file/v2, got ''")]
    [InlineData("relay/evidence-file/v2\n", "expected a kind of lie, got ''")]
    [InlineData(
        "relay/evidence-file/v1\nfork\nrelay.example/doha-2026\n",
        "expected relay/evidence-file/v2, got 'relay/evidence-file/v1', which is no longer read: have whoever wrote it write it anew")]
    [InlineData("relay/evidence-file/v3\nfork\n", "expected relay/evidence-file/v2, got 'relay/evidence-file/v3'")]
    [InlineData("relay/evidence-file/v2\nFork\nrelay.example/doha-2026\n", "expected a kind of lie, got 'Fork'")]
    [InlineData("relay/evidence-file/v2\nfork\nrelay example\n", "expected the origin of a ledger, got 'relay example'")]
    [InlineData("relay/evidence-file/v2\nfork\nrelay.example/doha-2026\n", "expected the trees, leaves, root and document of fork")]
    [InlineData("relay/evidence-file/v2\nfork\nrelay.example/doha-2026\ntree \n", "expected a size, a root, a signature and")]
    [InlineData("relay/evidence-file/v2\nfork\nrelay.example/doha-2026\ntree 1 A x y.z\n", "expected a size, a root, a signature")]
    [InlineData("relay/evidence-file/v2\nfork\nrelay.example/doha-2026\nleaf 1 AAAA\n", "expected tree, leaf, root, document, content and")]
    [InlineData("relay/evidence-file/v2\nfork\nrelay.example/doha-2026\ntree *0\n", "expected * and a number below 0, got '*0'")]
    [InlineData("relay/evidence-file/v2\nfork\n'relay.example/doha-2026\n", "expected each long word in full once")]
    [InlineData("relay/evidence-file/v2\r\nfork\r\n", "expected relay/evidence-file/v2, got 'relay/evidence-file/v2?'")]
    [InlineData("relay/evidence-file/v2\nfork\t\n", "expected printable ASCII in lines, each ended by a newline, got something else")]
    public void TryParse_AnythingElse_SaysWhatWasExpected(string text, string expected)
    {
        Assert.False(EvidenceFile.TryParse(Samples.Utf8(text), out _, out var error));
        Assert.StartsWith(expected, error, StringComparison.Ordinal);
        Assert.Equal(EvidenceFault.Malformed, EvidenceJudge.Judge(Samples.Utf8(text), _samples.Inputs).Fault);
    }

    [Fact]
    public async Task TryParse_PartsThatItsKindDoesNotTake_IsRefused()
    {
        var entry = await _samples.EntryAsync();
        var tree = await _samples.TreeAsync(3, (1, entry.ToBytes()));
        var bare = tree with { Leaves = [] };
        var both = tree with { Leaves = [tree.Leaves[0], tree.Leaves[0]] };
        var root = new EvidenceRoot(Digest.Of([1]), []);
        Action[] wrong =
        [
            () => EvidenceFile.Create(LieKind.Fork, []), () => EvidenceFile.Create(LieKind.Fork, [bare]),
            () => EvidenceFile.Create(LieKind.Fork, [bare, tree]), () => EvidenceFile.Create(LieKind.Fork, [bare, bare, bare]),
            () => EvidenceFile.Create(LieKind.Rollback, [bare, bare], root), () => EvidenceFile.Create(LieKind.NoQuorum, [bare]),
            () => EvidenceFile.Create(LieKind.NoQuorum, [tree, bare]), () => EvidenceFile.Create(LieKind.NoQuorum, [tree], root),
            () => EvidenceFile.Create(LieKind.LateEntry, [tree], null, _samples.Document.Bytes),
            () => EvidenceFile.Create(LieKind.LoggedTwice, [tree]), () => EvidenceFile.Create(LieKind.LoggedTwice, [both, bare]),
            () => EvidenceFile.Create(LieKind.LoggedTwice, [both, tree]), () => EvidenceFile.Create(LieKind.NoQuorum, [both]),
        ];
        foreach (var make in wrong) Assert.Throws<ArgumentException>(make);
        Assert.NotNull(EvidenceFile.Create(LieKind.LoggedTwice, [both]));
        Assert.NotNull(EvidenceFile.Create(LieKind.LoggedTwice, [tree, tree]));
        var other = await _samples.TreeAsync([[1]], [0], "relay.example/oslo-2026");
        Assert.Throws<ArgumentException>(() => EvidenceFile.Create(LieKind.LoggedTwice, [tree, other]));
    }

    // A note may have lines of others, as a witness's; the file has the one that its certificate is of.
    [Fact]
    public async Task Create_CheckpointWithLinesOfOthers_KeepsTheOneThatCounts()
    {
        var fork = (await LiesAsync(LieKind.Fork, 9))[0];
        var signed = fork.Trees[0].Signed;
        using var others = new LedgerSamples();
        var other = Samples.Text((await others.SignAsync(signed.Checkpoint)).Bytes.Span).Split('\n')[^2];
        var (note, own) = (Samples.Text(signed.Note.Text.Span), Samples.Text(signed.Note.Bytes.Span).Split('\n')[^2]);
        var elsewhere = other.Replace(LedgerSamples.Origin, "witness.example", StringComparison.Ordinal);
        foreach (var lines in new[] { $"{other}\n{own}", $"{own}\n{other}", $"{elsewhere}\n{own}", $"{elsewhere}\n{other}\n{own}" })
        {
            var file = EvidenceFile.Fork(Read($"{note}\n{lines}\n"), fork.Trees[1].Signed);
            Assert.Equal(fork.Bytes.ToArray(), file.Bytes.ToArray());
        }
        var error = Assert.Throws<ArgumentException>(() => EvidenceFile.Fork(Read($"{note}\n{elsewhere}\n"), fork.Trees[1].Signed));
        Assert.StartsWith("expected a checkpoint with a signature line of relay.example", error.Message, StringComparison.Ordinal);

        SignedCheckpoint Read(string text)
        {
            Assert.True(SignedCheckpoint.TryParse(Samples.Utf8(text), signed.Certificate.Bytes, out var read, out var fault), fault);
            return read;
        }
    }

    [Fact]
    public async Task TryParse_HashesOfAProof_AreReadUpToFiftyFour()
    {
        var tree = await _samples.TreeAsync(3, (1, [1]));
        var leaf = tree.Leaves[0];
        EvidenceFile Of(int hashes) => EvidenceFile.Create(
            LieKind.UnreadableEntry, [tree with { Leaves = [leaf with { Proof = [.. Enumerable.Repeat(Digest.Of([1]), hashes)] }] }]);
        Assert.Equal(54, Of(54).Trees[0].Leaves[0].Proof.Length);
        Assert.Throws<ArgumentException>(() => Of(55));
        Assert.Equal(65_535, EvidenceFile.Create(LieKind.UnreadableEntry, [Long(65_535)]).Trees[0].Leaves[0].Entry.Length);
        Assert.Throws<ArgumentException>(() => EvidenceFile.Create(LieKind.UnreadableEntry, [Long(65_536)]));
        EvidenceTree Long(int bytes) => tree with { Leaves = [leaf with { Entry = new byte[bytes] }] };
    }

    private Task<EvidenceFile[]> LiesAsync(LieKind kind, int size) => new EvidenceLies(_samples, size).OfAsync(kind);

    private static void AssertProvesNothing(byte[] bytes, EvidenceInputs inputs, string what) =>
        Assert.False(EvidenceJudge.Judge(bytes, inputs).Standing == EvidenceStanding.Proved, $"still proved, {what}");

    private void AssertHonest(EvidenceFile file)
    {
        var verdict = EvidenceJudge.Judge(file, _samples.Inputs);
        Assert.True(verdict.Standing == EvidenceStanding.NotProved, $"{file.Kind}: {verdict.Fault} {verdict.Detail}");
    }
}

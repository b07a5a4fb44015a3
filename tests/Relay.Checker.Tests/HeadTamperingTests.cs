using Microsoft.Extensions.Logging.Abstractions;
using Relay.Cli.Targets;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.State;
using Relay.Core.Tests;
using Relay.Core.Tests.Ledger.Commit;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Checker.Tests;

/// <summary>
/// Heads that the relay itself has signed and that say something else than the entries beside them: each word of a head that nothing else
/// tells has its lie here.
/// </summary>
public sealed class HeadTamperingTests
{
    private const string Ledger = TestNegotiation.Name;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nothing", null, "")]
    [InlineData("mode", CheckRule.Head, "expected the newest mode entry's open")]
    [InlineData("due of all", CheckRule.Head, "expected moments of rates after")]
    [InlineData("due of a stream", CheckRule.Head, "expected moments of rates after")]
    [InlineData("due to come", null, "")]
    [InlineData("time", CheckRule.Head, "expected a time of at least the newest entry's")]
    [InlineData("policy version", CheckRule.Head, "expected the newest policy entry's version 7")]
    [InlineData("policy digest", CheckRule.Head, "expected the newest policy entry's version 7")]
    [InlineData("last", CheckRule.Head, "expected stream us-normal to end at 3")]
    [InlineData("digest", CheckRule.Head, "expected stream us-normal to end at 3")]
    [InlineData("chunk", CheckRule.Head, "expected the hash of the newest index of stream us-normal")]
    [InlineData("a stream too many", CheckRule.Head, "expected stream oslo-normal to be empty as in the entries, got 1")]
    [InlineData("a policy outstanding", CheckRule.Outstanding, "expected entry 0 to be an envelope's")]
    [InlineData("beyond the tree", CheckRule.Outstanding, "expected indices that rise from")]
    [InlineData("twice outstanding", CheckRule.Outstanding, "expected indices that rise from 2 below 4, got 1")]
    [InlineData("another's release", CheckRule.Outstanding, "expected entry 1 to be doha-2026/us/normal/1, got another")]
    [InlineData("a held one that is logged", CheckRule.Held, "expected sequences that rise above 3, got 2")]
    [InlineData("a held one that is gone", CheckRule.Held, "expected")]
    public async Task Check_OfASignedHeadThatLies_NamesTheLie(string lie, CheckRule? rule, string words)
    {
        await using var fixture = new LedgerFixture();
        foreach (var envelope in fixture.Chain(3)) await fixture.CommitAsync(envelope);
        fixture.Ledgers.MarkForwarded(Ledger, 1);
        await fixture.Ledgers.VisitAsync(Ledger, Cancel);
        await fixture.Ledgers.DisposeAsync();

        var head = fixture.Head();
        await using var keys = new CheckpointKeys(
            fixture.Certifier, LedgerFixture.RelayName, TimeSpan.FromSeconds(10), fixture.Time, NullLogger<CheckpointKeys>.Instance);
        var signer = (await keys.GetAsync(fixture.Time.GetUtcNow(), Cancel))!;
        using var name = signer.CreateNoteKey(head.Origin);
        var lied = head with
        {
            State = Lie(head.State, lie),
            Checkpoint = await signer.SignAsync(head.Checkpoint.Text, name, Cancel),
            Certificate = signer.Certificate,
        };
        var note = await signer.SignAsync(HeadCodec.WriteText(lied), name, Cancel);
        fixture.Store.Set(LedgerPaths.Head(Ledger), HeadCodec.WriteBlob(note, head.Staged));
        fixture.Store.Set(LedgerPaths.Certificate(Ledger, name.KeyId), signer.Certificate.Bytes.ToArray());

        var report = await new LedgerChecker(
            new StoreToCheck(fixture.Store),
            (id, _) => new(id == fixture.Certifier.KeyId ? fixture.Certifier.PublicKey.Public : null),
            LedgerFixture.FindMediatorAsync).CheckAsync(null, Cancel);
        var findings = Assert.Single(report.Ledgers).Findings;
        if (rule is null) Assert.Empty(findings);
        else Assert.Contains(
            findings, finding => finding.Rule == rule && finding.Problem.StartsWith(words, StringComparison.Ordinal));
    }

    private static LedgerState Lie(LedgerState state, string lie)
    {
        var at = state.At.ToUnixTimeMilliseconds() * 1_000;
        var stream = state.Streams[0];
        LedgerState Say(StreamState other) => state with { Streams = state.Streams.SetItem(0, other) };
        LedgerState Outstanding(params OutstandingEntry[] entries) => state with { Outstanding = [.. entries] };
        var end = state.At.AddHours(1);
        var digest = Digest.Of("another"u8);
        return lie switch
        {
            "nothing" => state,
            "mode" => state with { Mode = NegotiationMode.ReadOnly },
            "due of all" => state with { Due = at },
            "due of a stream" => Say(stream with { Due = at - 1 }),
            "due to come" => Say(stream with { Due = at + 1 }) with { Due = at + 1 },
            "time" => state with { At = state.At.AddHours(-1) },
            "policy version" => state with { Policy = state.Policy with { Version = 2 } },
            "policy digest" => state with { Policy = state.Policy with { Digest = digest } },
            "last" => Say(stream with { Last = 4 }),
            "digest" => Say(stream with { Digest = digest }),
            "chunk" => Say(stream with { Chunk = digest }),
            "a stream too many" => state with { Streams = state.Streams.Add(stream with { Sender = "oslo", Last = 1 }) },
            "a policy outstanding" => Outstanding(new OutstandingEntry(0, end, null)),
            "beyond the tree" => Outstanding(new OutstandingEntry(state.Size, end, null)),
            "twice outstanding" => Outstanding(new OutstandingEntry(1, end, null), new OutstandingEntry(1, end, null)),
            "another's release" => Outstanding(new OutstandingEntry(1, end, new ReleasedEnvelope(0, 2, digest))),
            "a held one that is logged" => Say(stream with { Held = [new HeldEnvelope(2, digest, digest, end)] }),
            "a held one that is gone" => Say(stream with { Held = [new HeldEnvelope(9, digest, digest, end)] }),
            _ => throw new ArgumentOutOfRangeException(nameof(lie), lie, "no such lie"),
        };
    }
}

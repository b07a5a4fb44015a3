using Relay.Client.Ledger;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Client.Tests.Prekeys;

/// <summary>What an audit makes of a ledger in which keys are handed out, truly and otherwise.</summary>
public sealed class PrekeyAuditTests : IDisposable
{
    private readonly PrekeyParties _parties = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _parties.Dispose();

    [Theory]
    [InlineData("as it is", null)]
    [InlineData("given twice", LieKind.PrekeyTwice)]
    [InlineData("passed over", LieKind.BrokenPrekeys)]
    [InlineData("exhausted while keys are left", LieKind.BrokenPrekeys)]
    [InlineData("left out", LieKind.BrokenPrekeys)]
    [InlineData("goes on from what is none", LieKind.BrokenPrekeys)]
    public async Task RunAsync_OfClaims_FindsTheLieAndShowsItToOthers(string row, LieKind? lie)
    {
        await _parties.Publisher().MaintainAsync(Cancel);
        foreach (var sequence in new[] { 1, 2 })
        {
            await _parties.Claimer().ClaimAsync("iran", [new EnvelopeId("doha-2026", "us", Lane.Normal, sequence)], Cancel);
        }

        // The heartbeat, the bundle at 1, claims at 2 and 3 of keys 1 and 2; three are left.
        var (previous, first, left, marks) = row switch
        {
            "as it is" => (3, 3, 2, "n"),
            "given twice" => (3, 2, 2, "n"),
            "passed over" => (3, 4, 2, "n"),
            "exhausted while keys are left" => (3, 0, 0, "s"),
            "left out" => (2, 3, 2, "n"),
            _ => (4, 3, 2, "n"),
        };
        if (row == "goes on from what is none") _parties.Ledger.Append(new HeartbeatEntry { At = Now }.ToBytes());
        _parties.Ledger.Append((await EntryAsync("us", previous, first, left, marks)).ToBytes());
        var finding = (await AuditAsync()).Findings.SingleOrDefault();
        if (lie is null)
        {
            Assert.Null(finding);
            return;
        }
        Assert.Equal((AuditKind.BadEntry, _parties.Ledger.Size - 1), (finding!.Kind, finding.Index));
        Assert.Equal(lie, finding.Contradiction?.Kind);
        var keys = new EvidenceKeys(
            _parties.RelayKeys, TestRelay.VaultKey, _parties.Samples.MediatorKeys, Array.Empty<NegotiationDocument>());
        Assert.Equal(EvidenceStanding.Proved, (await keys.JudgeAsync(finding.Contradiction!, Cancel)).Standing);
    }

    [Fact]
    public async Task RunAsync_OfAClaimThatNobodySigned_FindsIt()
    {
        await _parties.Publisher().MaintainAsync(Cancel);
        _parties.Ledger.Append((await EntryAsync("iran", 1, 1, 4, "n")).ToBytes());
        var finding = Assert.Single((await AuditAsync()).Findings);
        Assert.Equal("entry 2: expected a signature by us#1, got one that does not verify", finding.Detail);
    }

    private DateTimeOffset Now => _parties.Samples.Time.GetUtcNow();

    private async Task<ClaimEntry> EntryAsync(string keyOf, long previous, long first, int left, string marks)
    {
        using var signer = new LocalSigner(_parties.Samples[$"{keyOf}#1"], "us#1");
        var bundle = _parties.Relay.BundleOf("iran");
        return new ClaimEntry
        {
            Policy = _parties.Samples.Document.PolicyDigest,
            Number = bundle.Number,
            Bundle = bundle.Digest,
            Previous = previous,
            First = first,
            Left = left,
            Marks = marks,
            Claim = await PrekeyClaim.SignAsync("iran", [new EnvelopeId("doha-2026", "us", Lane.Normal, 3)], Now, signer, Cancel),
            At = Now,
        };
    }

    private async Task<AuditReport> AuditAsync()
    {
        using var trust = _parties.Trust();
        var auditor = new LedgerAuditor(
            trust,
            new LedgerView(_parties.Ledger.Origin),
            _parties.Ledger,
            _parties.Samples.Judge(),
            null,
            TimeSpan.Zero,
            TimeSpan.Zero,
            _parties.Samples.Time);
        return await auditor.RunAsync([], Cancel);
    }
}

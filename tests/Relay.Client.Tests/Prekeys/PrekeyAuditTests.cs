using Relay.Client.Ledger;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

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

        // The policy, the bundle at 1, claims at 2 and 3 of keys 1 and 2; three are left.
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
        _parties.Ledger.Append((await EntryAsync("us#1", previous, first, left, marks)).ToBytes());
        var finding = (await AuditAsync()).Findings.SingleOrDefault();
        if (lie is null)
        {
            Assert.Null(finding);
            return;
        }
        Assert.Equal((AuditKind.BadEntry, _parties.Ledger.Size - 1), (finding!.Kind, finding.Index));
        await AssertShownAsync(lie.Value, finding);
    }

    [Theory]
    [InlineData(true, "iran#1", "us#1", "expected a signature by us#1, got one that does not verify")]
    [InlineData(true, "us#1", "us#9", "expected an identity key of the document's version 1, got us#9")]
    [InlineData(false, "us#1", "iran#1", "expected a signature by iran#1, got one that does not verify")]
    [InlineData(false, "iran#1", "iran#9", "expected an identity key of the document's version 1, got iran#9")]
    public async Task RunAsync_OfWhatNobodySigned_FindsItAndShowsItToOthers(bool isClaim, string key, string name, string problem)
    {
        if (isClaim)
        {
            await _parties.Publisher().MaintainAsync(Cancel);
            _parties.Ledger.Append((await EntryAsync(key, 1, 1, 4, "n", name)).ToBytes());
        }
        else
        {
            _parties.Ledger.Append((await PublishedAsync(key, name)).ToBytes());
        }
        var finding = Assert.Single((await AuditAsync()).Findings);
        Assert.Equal((AuditKind.BadEntry, $"entry {_parties.Ledger.Size - 1}: {problem}"), (finding.Kind, finding.Detail));
        await AssertShownAsync(LieKind.ForgedPrekeys, finding);
    }

    [Fact]
    public async Task RunAsync_OfAClaimThatTheRoutesForbid_FindsItAndShowsItToOthers()
    {
        var published = await PublishedAsync("us#1", "us#1");
        _parties.Ledger.Append(published.ToBytes());
        using var signer = new LocalSigner(_parties.Samples["iran#1"]);
        var id = new EnvelopeId("doha-2026", "iran", Lane.Normal, 1);
        var claim = await PrekeyClaim.SignAsync("us", [id], Now, signer, Cancel);
        _parties.Ledger.Append(Claimed(published.Bundle, 1, 1, 0, "n", claim).ToBytes());
        var finding = Assert.Single((await AuditAsync()).Findings);
        Assert.Equal((AuditKind.BadEntry, "entry 2: expected a delegation that iran may address, got us"), (finding.Kind, finding.Detail));
        await AssertShownAsync(LieKind.ForbiddenEntry, finding);
    }

    // By a document that nobody has, or by one that is no longer in force, a key that was replaced would speak again.
    [Theory]
    [InlineData(true, AuditKind.UnknownPolicy, "expected a negotiation document that is known here, iran#1 published prekeys under one")]
    [InlineData(false, AuditKind.BadEntry, "expected the document in force, with digest ")]
    public async Task RunAsync_UnderADocumentThatIsNotKnownOrNotInForce_SaysSo(bool isInForce, AuditKind kind, string problem)
    {
        var policy = Digest.Of([7]);
        if (isInForce) _parties.PutInForce(policy);
        _parties.Ledger.Append((await PublishedAsync("iran#1", "iran#1", policy)).ToBytes());
        var finding = Assert.Single((await AuditAsync()).Findings);
        Assert.Equal((kind, _parties.Ledger.Size - 1, isInForce), (finding.Kind, finding.Index, !finding.IsProved));
        Assert.StartsWith($"entry {_parties.Ledger.Size - 1}: {problem}", finding.Detail, StringComparison.Ordinal);
        Assert.Null(finding.Contradiction);
    }

    private DateTimeOffset Now => _parties.Samples.Time.GetUtcNow();

    // Whoever has the keys and the file, and nothing else, judges it the same.
    private async Task AssertShownAsync(LieKind lie, AuditFinding finding)
    {
        Assert.Equal(lie, finding.Contradiction?.Kind);
        var keys = new EvidenceKeys(
            _parties.RelayKeys, TestRelay.VaultKey, _parties.Samples.MediatorKeys, Array.Empty<NegotiationDocument>());
        var verdict = await keys.JudgeAsync(finding.Contradiction!, Cancel);
        Assert.True(verdict.Standing == EvidenceStanding.Proved, $"{verdict.Fault}: {verdict.Detail}");
    }

    // The first bundle of a delegation, with one key, signed with that key under that name.
    private async Task<PrekeysEntry> PublishedAsync(string key, string name, Digest? policy = null)
    {
        var delegation = name.Split('#')[0];
        using var signer = new LocalSigner(_parties.Samples[key], name);
        using var session = PrivateJwk.Generate(JwkKind.P256, PrekeyBundle.SessionKeyId(delegation, 1));
        using var once = PrivateJwk.Generate(JwkKind.P256, PrekeyBundle.OneTimeKeyId(delegation, 1));
        var draft = new PrekeyBundleDraft
        {
            Negotiation = "doha-2026",
            Number = 1,
            IssuedAt = Now,
            ExpiresAt = Now.AddDays(1),
            Session = session.Public,
            OneTime = [once.Public],
        };
        var bundle = await PrekeyBundle.SignAsync(draft, signer, Cancel);
        return new PrekeysEntry { Policy = policy ?? _parties.Samples.Document.PolicyDigest, Previous = 0, Bundle = bundle, At = Now };
    }

    private async Task<ClaimEntry> EntryAsync(string key, long previous, long first, int left, string marks, string name = "us#1")
    {
        using var signer = new LocalSigner(_parties.Samples[key], name);
        var id = new EnvelopeId("doha-2026", "us", Lane.Normal, 3);
        var claim = await PrekeyClaim.SignAsync("iran", [id], Now, signer, Cancel);
        return Claimed(_parties.Relay.BundleOf("iran"), previous, first, left, marks, claim);
    }

    private ClaimEntry Claimed(PrekeyBundle bundle, long previous, long first, int left, string marks, PrekeyClaim claim) => new()
    {
        Policy = _parties.Samples.Document.PolicyDigest,
        Number = bundle.Number,
        Bundle = bundle.Digest,
        Previous = previous,
        First = first,
        Left = left,
        Marks = marks,
        Claim = claim,
        At = Now,
    };

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

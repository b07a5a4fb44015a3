using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Client.Tests.Ledger;

/// <summary>What the audit of a sender makes of acknowledgements, true and false.</summary>
public sealed class AcknowledgementAuditTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly TestRelay _relay;
    private readonly TestLedger _ledger;

    public AcknowledgementAuditTests()
    {
        _relay = new TestRelay(_samples.Time.GetUtcNow());
        _ledger = new TestLedger(_relay);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _relay.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public async Task RunAsync_ForTheSender_ListsWhatWasSaidOfEach()
    {
        var envelopes = await LogAsync();
        _samples.Time.Advance(TimeSpan.FromMinutes(1));
        await AppendAsync(envelopes[0].Head, "iran", null);
        await AppendAsync(envelopes[1].Head, "iran", "not-opened");
        var report = await AuditAsync("us");
        Assert.Empty(report.Findings);
        Assert.Equal(
            ["doha-2026/us/normal/1 entry 1: opened by iran in entry 4; silent oman",
                "doha-2026/us/normal/2 entry 2: refused (not-opened) by iran in entry 5; silent ",
                "doha-2026/us/normal/3 entry 3: ; silent iran"],
            report.Sent.Select(sent => $"{sent.Id} entry {sent.Index}: "
                + string.Join(", ", sent.Answers.Select(answer => $"{answer.Said} by {answer.Said.Delegation} in entry {answer.Index}"))
                + $"; silent {string.Join(',', sent.Silent)}"));
        Assert.Empty((await AuditAsync("iran")).Sent);
    }

    [Fact]
    public async Task FindReceipt_OfAnAnswer_ShowsItToAnyoneOffline()
    {
        var envelopes = await LogAsync();
        await AppendAsync(envelopes[0].Head, "iran", null);
        var report = await AuditAsync("us");
        var bytes = report.FindReceipt(Assert.Single(report.Sent[0].Answers))!;
        Assert.True(AcknowledgementReceipt.TryParse(bytes, out var receipt, out _, out var error), error);
        using var verifier = _relay.Verifier();
        Assert.Equal(ReceiptFault.None, verifier.Check(receipt, _samples.Time.GetUtcNow(), out _));
        Assert.Equal(AcknowledgementFault.None, receipt.Entry.Acknowledgement.Verify(_samples.Document, out _));
        Assert.Equal(AcknowledgementFault.None, receipt.Entry.Acknowledgement.CheckEnvelope(envelopes[0].Head, out _));
        // A log that does not answer proves nothing.
        var dead = await AuditAsync("us", log: new DeadLog());
        Assert.Null(dead.FindReceipt(report.Sent[0].Answers[0]));
        Assert.Empty(dead.Sent);
    }

    [Theory]
    [InlineData("by another's key", "expected a signature by iran#1, got one that does not verify", LieKind.ForgedAcknowledgement)]
    [InlineData(
        "by an unknown key", "expected an identity key of the document's version 1, got iran#9", LieKind.ForgedAcknowledgement)]
    [InlineData("by who was not addressed", "expected an addressee of doha-2026/us/normal/1, got us", LieKind.FalseAcknowledgement)]
    [InlineData("of another content", "expected digest ", LieKind.FalseAcknowledgement)]
    [InlineData("of none", "expected an acknowledgement of an envelope before it, got one of doha-2026/us/normal/4", null)]
    [InlineData("under another document", "expected the document in force, with digest ", null)]
    [InlineData(
        "twice", "expected iran to acknowledge doha-2026/us/normal/1 once, as opened in entry 4, got opened", LieKind.AcknowledgedTwice)]
    [InlineData(
        "in another state",
        "expected iran to acknowledge doha-2026/us/normal/1 once, as opened in entry 4, got refused (expired)",
        LieKind.AcknowledgedTwice)]
    public async Task RunAsync_WithAFalseOne_NamesTheRelaysLieAndShowsItToOthers(string row, string problem, LieKind? lie)
    {
        var envelopes = await LogAsync();
        var head = envelopes[0].Head;
        await (row switch
        {
            "by another's key" => AppendAsync(head, "iran", null, "us#1"),
            "by an unknown key" => AppendAsync(head, "iran", null, "iran#1", number: 9),
            "by who was not addressed" => AppendAsync(head, "us", null),
            "of another content" => AppendAsync((await _samples.EnvelopeAsync("other", audience: ["iran", "oman"])).Head, "iran", null),
            "of none" => AppendAsync((await _samples.EnvelopeAsync("next", StreamPosition.After(envelopes[2].Head))).Head, "iran", null),
            "under another document" => AppendAsync(head, "iran", null, policy: Digest.Of([7])),
            _ => AppendAsync(head, "iran", null),
        });
        if (row is "twice" or "in another state") await AppendAsync(head, "iran", row == "twice" ? null : "expired");
        foreach (var auditor in new[] { "us", "iran", null })
        {
            var report = await AuditAsync(auditor);
            var finding = Assert.Single(report.Findings, finding => finding.Kind != AuditKind.Missing);
            Assert.Equal((AuditKind.FalseAcknowledgement, true, _ledger.Size - 1), (finding.Kind, finding.IsProved, finding.Index));
            Assert.StartsWith($"entry {_ledger.Size - 1}: {problem}", finding.Detail, StringComparison.Ordinal);
            await AssertShownAsync(lie, finding);
            Assert.Equal(auditor == "us" && row is "twice" or "in another state" ? 1 : 0, report.Sent.Sum(sent => sent.Answers.Count));
        }
    }

    [Theory]
    [InlineData(1)] // the envelope itself, after all
    [InlineData(0)] // one that has to come before it
    public async Task RunAsync_OfAnEnvelopeThatComesLater_IsShownByWhatCameAfterIt(int logged)
    {
        _ledger.Append(
            new PolicyEntry { Version = 1, Policy = _samples.Document.PolicyDigest, At = _samples.Time.GetUtcNow() }.ToBytes());
        var first = await _samples.EnvelopeAsync("one");
        var second = await _samples.EnvelopeAsync("two", StreamPosition.After(first.Head));
        if (logged == 1) _ledger.Append(first, _samples.Document.PolicyDigest, _samples.Time.GetUtcNow());
        await AppendAsync(second.Head, "iran", null);
        _ledger.Append(logged == 1 ? second : first, _samples.Document.PolicyDigest, _samples.Time.GetUtcNow());
        var finding = Assert.Single((await AuditAsync("us")).Findings);
        Assert.Equal((AuditKind.FalseAcknowledgement, logged + 1L), (finding.Kind, finding.Index));
        await AssertShownAsync(LieKind.FalseAcknowledgement, finding);
    }

    // The texts of what was not suspect are read again for the file: a log that shows them no more hides no finding.
    [Fact]
    public async Task RunAsync_ALogThatShowsItsEntriesOnce_IsFoundOutAllTheSame()
    {
        var envelopes = await LogAsync();
        await AppendAsync(envelopes[0].Head, "us", null);
        var finding = Assert.Single((await AuditAsync("us", log: new OnceLog(_ledger))).Findings);
        Assert.Equal((AuditKind.FalseAcknowledgement, true), (finding.Kind, finding.IsProved));
        Assert.Null(finding.Contradiction);
    }

    [Fact]
    public async Task RunAsync_UnderADocumentThatIsNotKnown_ProvesNothingAndSaysSo()
    {
        var envelope = await _samples.EnvelopeAsync("hello");
        _ledger.Append(new PolicyEntry { Version = 1, Policy = Digest.Of([1]), At = _samples.Time.GetUtcNow() }.ToBytes());
        _ledger.Append(envelope, _samples.Document.PolicyDigest, _samples.Time.GetUtcNow());
        await AppendAsync(envelope.Head, "iran", null, policy: Digest.Of([1]));
        var report = await AuditAsync("us");
        Assert.Equal((AuditKind.UnknownPolicy, false), (Assert.Single(report.Findings).Kind, report.Findings[0].IsProved));
        Assert.Empty(Assert.Single(report.Sent).Answers);
    }

    // Whoever has the keys and the file, and nothing else, judges it the same; at most 8 KB of it, as two entries take.
    private async Task AssertShownAsync(LieKind? lie, AuditFinding finding)
    {
        Assert.Equal(lie, finding.Contradiction?.Kind);
        if (finding.Contradiction is not { } file) return;
        var keys = new EvidenceKeys(_relay.Keys, TestRelay.VaultKey, _samples.MediatorKeys, Array.Empty<NegotiationDocument>());
        var verdict = await keys.JudgeAsync(file, Token);
        Assert.True(verdict.Standing == EvidenceStanding.Proved, $"{verdict.Fault}: {verdict.Detail}");
        Assert.InRange(file.Bytes.Length, 1, 8 * 1024);
    }

    // The policy, then us 1 to iran and oman, 2 and 3 to iran.
    private async Task<IReadOnlyList<Envelope>> LogAsync()
    {
        _ledger.Append(
            new PolicyEntry { Version = 1, Policy = _samples.Document.PolicyDigest, At = _samples.Time.GetUtcNow() }.ToBytes());
        var envelopes = new List<Envelope> { await _samples.EnvelopeAsync("one", audience: ["iran", "oman"]) };
        foreach (var text in new[] { "two", "three" })
        {
            envelopes.Add(await _samples.EnvelopeAsync(text, StreamPosition.After(envelopes[^1].Head)));
        }
        foreach (var envelope in envelopes) _ledger.Append(envelope, _samples.Document.PolicyDigest, _samples.Time.GetUtcNow());
        return envelopes;
    }

    private async Task AppendAsync(
        EnvelopeHead head, string delegation, string? reason, string? keyOf = null, int number = 1, Digest? policy = null)
    {
        using var signer = new LocalSigner(_samples[keyOf ?? $"{delegation}#1"], $"{delegation}#{number}");
        var said = await Acknowledgement.SignAsync(
            new AcknowledgementDraft { Id = head.Id, Digest = head.Digest, Reason = reason, IssuedAt = _samples.Time.GetUtcNow() },
            signer,
            Token);
        var entry = new AcknowledgementEntry
        {
            Policy = policy ?? _samples.Document.PolicyDigest,
            Acknowledgement = said,
            At = _samples.Time.GetUtcNow(),
        };
        _ledger.Append(entry.ToBytes());
    }

    private async Task<AuditReport> AuditAsync(string? delegation, LedgerView? view = null, ILedgerLog? log = null)
    {
        using var trust = _relay.Trust(_samples.Time);
        var auditor = new LedgerAuditor(
            trust,
            view ?? new LedgerView(_ledger.Origin),
            log ?? _ledger,
            _samples.Judge(),
            delegation,
            TimeSpan.Zero,
            TimeSpan.Zero,
            _samples.Time);
        return await auditor.RunAsync([], Token);
    }
}

using Relay.Core.Admission;
using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>
/// Two workers on one store: the one has a head in memory, the other has moved the ledger on, and the first is asked. Whatever it refuses
/// is what the newest head says, never what the old one explains.
/// </summary>
public sealed class StaleHeadTests
{
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);

    // Each row moves the ledger on under the old head, and says what is asked; the first worker knows of entries 0 (policy) and 1 (us 1).
    private static readonly Dictionary<string, Row> Rows = new()
    {
        ["gap that is closed"] = new("logged 4", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, us[1], us[2]);
            return us[3];
        }),
        ["gap that is not closed"] = new("Held", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, us[1]);
            return us[3];
        }),
        ["held here, released there"] = new("Duplicate 3", async (fixture, other, us) =>
        {
            await HoldAsync(fixture, us[2]);
            await LogAsync(fixture, other, us[1]);
            return us[2];
        }),
        ["held here, dropped there as unchained"] = new("BrokenChain", async (fixture, other, us) =>
        {
            var unchained = fixture.Make(3, Digest.Of([9]));
            await HoldAsync(fixture, unchained);
            await LogAsync(fixture, other, us[1]);
            return unchained;
        }),
        ["held here, dropped there and another logged"] = new("Equivocation", async (fixture, other, us) =>
        {
            var unchained = fixture.Make(3, Digest.Of([9]));
            await HoldAsync(fixture, unchained);
            await LogAsync(fixture, other, us[1], us[2]);
            return unchained;
        }),
        ["held here, expired and logged there before"] = new("Duplicate 3", async (fixture, other, us) =>
        {
            var brief = fixture.Make(3, us[1].Envelope.Digest, life: TenMinutes);
            await HoldAsync(fixture, brief);
            await LogAsync(fixture, other, us[1]);
            fixture.Time.Advance(TenMinutes);
            return brief;
        }),
        ["another held, and this one logged there"] = new("Duplicate 5", async (fixture, other, us) =>
        {
            await HoldAsync(fixture, fixture.Make(3, Digest.Of([9])));
            Assert.Equal(Verdict.Equivocation, (await fixture.CommitAsync(us[2])).Ruling!.Verdict);
            await LogAsync(fixture, other, us[1]);
            Assert.True((await fixture.CommitAsync(us[2], other)).IsLogged);
            return us[2];
        }),
        ["logged there"] = new("Duplicate 2", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, us[1]);
            return us[1];
        }),
        ["logged there and expired since"] = new("Duplicate 2", async (fixture, other, us) =>
        {
            var brief = fixture.Make(2, us[0].Envelope.Digest, life: TenMinutes);
            await LogAsync(fixture, other, brief);
            fixture.Time.Advance(TenMinutes);
            return brief;
        }),
        ["expired and logged nowhere"] = new("Expired", async (fixture, other, us) =>
        {
            var brief = fixture.Make(2, us[0].Envelope.Digest, life: TenMinutes);
            fixture.Time.Advance(TenMinutes);
            await LogAsync(fixture, other, fixture.Make(1, null, "iran"));
            return brief;
        }),
        ["another logged there under its id"] = new("Equivocation", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, fixture.Make(2, us[0].Envelope.Digest, content: "another"));
            return us[1];
        }),
        ["unchained, as both know, and another logged there"] = new("Equivocation", async (fixture, other, us) =>
        {
            var unchained = fixture.Make(2, Digest.Of([9]));
            Assert.Equal(Verdict.BrokenChain, (await fixture.CommitAsync(unchained)).Ruling!.Verdict);
            await LogAsync(fixture, other, us[1]);
            return unchained;
        }),
        ["unchained, and nothing else there"] = new("BrokenChain", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, fixture.Make(1, null, "iran"));
            return fixture.Make(2, Digest.Of([9]));
        }),
        ["too far ahead of here, not of there"] = new("Held", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, us[1]);
            return fixture.Make(88, Digest.Of([9]));
        }),
        ["too far ahead of both"] = new("HoldFull", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, us[1]);
            return fixture.Make(89, Digest.Of([9]));
        }),
        ["has seen what is there"] = new("logged 3", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, fixture.Make(1, null, "iran"));
            var seen = new SeenCheckpoint(3, fixture.Head().State.Range.Root());
            return fixture.Make(2, us[0].Envelope.Digest, seen: seen);
        }),
        ["has seen what nobody has"] = new("ForkSeen", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, us[1]);
            return fixture.Make(3, us[1].Envelope.Digest, seen: new SeenCheckpoint(9, Digest.Of([9])));
        }),
        ["judged by the document of before"] = new("LedgerUnavailable policy-outdated", async (fixture, other, us) =>
        {
            fixture.Document = TestIdentities.ParsedDocument(8);
            await LogAsync(fixture, other, fixture.Make(1, null, "iran"));
            return us[1];
        }),
        ["judged by another document of that version, which is of before"] = new(
            "LedgerUnavailable policy-outdated", async (fixture, other, us) =>
            {
                var (conflicting, first) = (TestNegotiation.ParsedDocument(), fixture.Document);
                Assert.Equal(first.Version, conflicting.Version);
                fixture.Document = TestIdentities.ParsedDocument(8);
                await LogAsync(fixture, other, fixture.Make(1, null, "iran"));
                fixture.Document = conflicting;
                return fixture.Make(2, us[0].Envelope.Digest);
            }),
    };

    private static readonly Dictionary<string, Said> Answers = new()
    {
        ["of an envelope logged there"] = new("Logged", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, us[1]);
            return TestIdentities.Say(us[1].Envelope.Head, "iran");
        }),
        ["of none anywhere"] = new("UnknownEnvelope", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, us[1]);
            return TestIdentities.Say(us[2].Envelope.Head, "iran");
        }),
        ["of another logged there under that id"] = new("UnknownEnvelope", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, fixture.Make(2, us[0].Envelope.Digest, content: "another"));
            return TestIdentities.Say(us[1].Envelope.Head, "iran");
        }),
        ["by who is not addressed by what is there"] = new("NotAddressed", async (fixture, other, us) =>
        {
            await LogAsync(fixture, other, us[1]);
            return TestIdentities.Say(us[1].Envelope.Head, "oslo");
        }),
        ["said there already"] = new("Repeated", async (fixture, other, us) =>
        {
            await fixture.AcknowledgeAsync(TestIdentities.Say(us[0].Envelope.Head, "iran"), other);
            return TestIdentities.Say(us[0].Envelope.Head, "iran", at: fixture.Time.GetUtcNow().AddSeconds(1));
        }),
        ["said otherwise there"] = new("OtherState", async (fixture, other, us) =>
        {
            await fixture.AcknowledgeAsync(TestIdentities.Say(us[0].Envelope.Head, "iran", "not-opened"), other);
            return TestIdentities.Say(us[0].Envelope.Head, "iran");
        }),
    };

    public static TheoryData<string> Names => [.. Rows.Keys];

    public static TheoryData<string> AnswerNames => [.. Answers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task CommitAsync_OnAnOldHead_SaysWhatTheNewestSays(string name)
    {
        await using var fixture = new LedgerFixture { Document = TestIdentities.ParsedDocument() };
        var us = fixture.Chain(4);
        Assert.True((await fixture.CommitAsync(us[0])).IsLogged);
        // Between two attempts a worker pauses.
        var stop = fixture.PumpClock();
        var asked = await Rows[name].Prepare(fixture, fixture.AddWorker(), us);
        var commits = fixture.Head().State.Commit;
        var outcome = await fixture.CommitAsync(asked);
        Assert.Equal(Rows[name].Expected, Text(outcome));
        // What refuses and writes nothing is not only true by chance: whoever reads the head first says the same.
        if (fixture.Head().State.Commit == commits)
        {
            Assert.Equal(Text(outcome), Text(await fixture.CommitAsync(asked, fixture.AddWorker())));
        }

        await stop();
    }

    [Theory]
    [MemberData(nameof(AnswerNames))]
    public async Task AcknowledgeAsync_OnAnOldHead_SaysWhatTheNewestSays(string name)
    {
        await using var fixture = new LedgerFixture { Document = TestIdentities.ParsedDocument() };
        var us = fixture.Chain(4);
        Assert.True((await fixture.CommitAsync(us[0])).IsLogged);
        var stop = fixture.PumpClock();
        var asked = await Answers[name].Prepare(fixture, fixture.AddWorker(), us);
        var outcome = await fixture.AcknowledgeAsync(asked);
        Assert.Equal(Answers[name].Expected, outcome.Verdict.ToString());
        var again = await fixture.AcknowledgeAsync(asked, fixture.AddWorker());
        var expected = outcome.Verdict == AcknowledgementVerdict.Logged ? AcknowledgementVerdict.Repeated : outcome.Verdict;
        Assert.Equal(expected, again.Verdict);
        await stop();
    }

    private static string Text(CommitOutcome outcome) => outcome.Ruling switch
    {
        null => $"logged {outcome.Index}",
        { Verdict: Verdict.Duplicate } => $"Duplicate {outcome.Index}",
        { Verdict: Verdict.LedgerUnavailable } ruling => $"{ruling.Verdict} {ruling.Reason}",
        var ruling => ruling.Verdict.ToString(),
    };

    private static async Task LogAsync(LedgerFixture fixture, NegotiationLedgers worker, params AdmittedEnvelope[] envelopes)
    {
        foreach (var envelope in envelopes) Assert.True((await fixture.CommitAsync(envelope, worker)).IsLogged);
    }

    private static async Task HoldAsync(LedgerFixture fixture, AdmittedEnvelope envelope) =>
        Assert.Equal(Verdict.Held, (await fixture.CommitAsync(envelope)).Ruling!.Verdict);

    private sealed record Row(string Expected, Func<LedgerFixture, NegotiationLedgers, AdmittedEnvelope[], Task<AdmittedEnvelope>> Prepare);

    private sealed record Said(string Expected, Func<LedgerFixture, NegotiationLedgers, AdmittedEnvelope[], Task<Acknowledgement>> Prepare);
}

using Relay.Core.Ledger.Rules;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;
using static Relay.Core.Tests.Ledger.Rules.DecisionModel;

namespace Relay.Core.Tests.Ledger.Rules;

public sealed class AcknowledgementDecisionTests
{
    /// <summary>
    /// Each row: the ledger has us 1 and 2 for iran, of which iran has opened the first; what is said; the verdict; entries added.
    /// </summary>
    public static TheoryData<string, AcknowledgementVerdict, int> Rows => new()
    {
        { "opened", AcknowledgementVerdict.Logged, 1 },
        { "refused", AcknowledgementVerdict.Logged, 1 },
        { "opened again", AcknowledgementVerdict.Repeated, 0 },
        { "opened, then refused", AcknowledgementVerdict.OtherState, 0 },
        { "not there yet", AcknowledgementVerdict.UnknownEnvelope, 0 },
        { "of a stream that is not there", AcknowledgementVerdict.UnknownEnvelope, 0 },
        { "of another content", AcknowledgementVerdict.UnknownEnvelope, 0 },
        { "by the sender", AcknowledgementVerdict.NotAddressed, 0 },
        { "by another delegation", AcknowledgementVerdict.NotAddressed, 0 },
        { "older policy", AcknowledgementVerdict.LedgerUnavailable, 0 },
        { "other policy of this version", AcknowledgementVerdict.LedgerUnavailable, 0 },
        { "newer policy", AcknowledgementVerdict.Logged, 2 },
        { "opened again, older policy", AcknowledgementVerdict.Repeated, 0 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Decide_Row_HasItsOutcome(string row, AcknowledgementVerdict verdict, int entries)
    {
        var (model, chain) = Given();
        var candidate = row switch
        {
            "opened" => Say(chain[1], "iran"),
            "refused" => Say(chain[1], "iran", "not-opened"),
            "opened again" => Say(chain[0], "iran"),
            "opened, then refused" => Say(chain[0], "iran", "not-opened"),
            "not there yet" => Say(chain[2], "iran"),
            "of a stream that is not there" => Say(Chain(1, "iran")[0], "us"),
            "of another content" => Say(Make(2, chain[0].Head.Digest, content: "other"), "iran"),
            "by the sender" => Say(chain[1], "us"),
            "by another delegation" => Say(chain[1], "oslo"),
            "older policy" => Say(chain[1], "iran", policy: new PolicyState(6, Digest.Of("policy 6"u8))),
            "other policy of this version" => Say(chain[1], "iran", policy: Policy with { Digest = Digest.Of("other"u8) }),
            "newer policy" => Say(chain[1], "iran", policy: new PolicyState(8, Digest.Of("policy 8"u8))),
            "opened again, older policy" => Say(chain[0], "iran", policy: new PolicyState(6, Digest.Of("policy 6"u8))),
            _ => throw new ArgumentOutOfRangeException(nameof(row), row, "No such row."),
        };
        var decision = model.Acknowledge([], candidate);
        var ruling = Assert.Single(decision.Acknowledgements);
        Assert.Equal((verdict, entries), (ruling.Verdict, decision.Entries.Length));
        Assert.Equal(entries > 0, decision.Changes);
        Assert.Equal(verdict is AcknowledgementVerdict.Logged or AcknowledgementVerdict.Repeated, ruling.Index >= 0);
        Assert.Equal(ruling.Index < 0, ruling.Detail.Length > 0);
        if (verdict == AcknowledgementVerdict.Repeated) Assert.Equal(3, ruling.Index);
        if (verdict != AcknowledgementVerdict.Logged) return;
        Assert.Equal(decision.State.Size - 1, ruling.Index);
        var put = decision.Puts.Single(put => put.Name == LedgerPaths.Acknowledged(candidate.Acknowledgement.Id, "iran"));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, (byte)ruling.Index], put.Content.ToArray());
    }

    [Fact]
    public void Decide_WithItsEnvelope_LogsBothInThatOrder()
    {
        var model = new DecisionModel();
        var chain = Chain(1);
        var decision = model.Acknowledge([chain[0]], Say(chain[0], "iran"), Say(chain[0], "iran"), Say(chain[0], "iran", "not-opened"));
        Assert.Equal(
            [AcknowledgementVerdict.Logged, AcknowledgementVerdict.Repeated, AcknowledgementVerdict.OtherState],
            decision.Acknowledgements.Select(ruling => ruling.Verdict));
        Assert.Equal(["relay/policy/v1", "relay/envelope/v2", "relay/acknowledgement/v1"], model.Entries.Select(entry => entry.Kind));
    }

    [Fact]
    public void Decide_OnAnOldHead_DoesNotRefuseWhatANewerOneMayHave()
    {
        var (model, chain) = Given();
        model.IsFresh = false;
        Assert.True(model.Decide([], [Say(chain[2], "iran")], []).NeedsFreshHead);
        // What an old head knows of an envelope is for good.
        Assert.False(model.Decide([], [Say(chain[1], "oslo"), Say(chain[0], "iran")], []).NeedsFreshHead);
    }

    [Fact]
    public void Decide_WithADamagedFact_LogsNothing()
    {
        var (model, chain) = Given();
        var key = AcknowledgementKey.Of(Say(chain[1], "iran").Acknowledgement);
        model.Spoil = facts => facts.Acknowledged[key] = new Fact<LoggedAcknowledgement>(default, "torn");
        var decision = model.Acknowledge([], Say(chain[1], "iran"));
        Assert.Equal((AcknowledgementVerdict.LedgerDamaged, false), (decision.Acknowledgements[0].Verdict, decision.Changes));
        model.Spoil = facts => facts.Logged.Remove(chain[1].Id);
        Assert.Equal(AcknowledgementVerdict.LedgerDamaged, model.Acknowledge([], Say(chain[1], "iran")).Acknowledgements[0].Verdict);
    }

    private static (DecisionModel Model, IReadOnlyList<Candidate> Chain) Given()
    {
        var model = new DecisionModel();
        var chain = Chain(3);
        model.Commit(chain[0], chain[1]);
        model.Acknowledge([], Say(chain[0], "iran"));
        Assert.IsType<AcknowledgementEntry>(model.Entries[3]);
        return (model, chain);
    }

    private static AcknowledgementCandidate Say(Candidate envelope, string delegation, string? reason = null, PolicyState? policy = null) =>
        new(TestIdentities.Say(envelope.Head, delegation, reason), policy ?? Policy, default);
}

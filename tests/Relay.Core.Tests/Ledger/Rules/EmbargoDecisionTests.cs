using Relay.Core.Rulings;

namespace Relay.Core.Tests.Ledger.Rules;

public sealed class EmbargoDecisionTests
{
    [Fact]
    public void Decide_BeforeItsTime_IsEmbargoedAndNoEntryIsDatedBeforeIt()
    {
        var model = new DecisionModel { IsFresh = false };
        var begins = model.Now + TimeSpan.FromMinutes(10);
        var candidate = DecisionModel.Make(1, null, notBefore: begins);
        model.Now = begins - TimeSpan.FromMilliseconds(1);
        var early = model.Decide([candidate]);
        Assert.Equal((Verdict.Embargoed, begins), (early.Rulings[0].Ruling!.Verdict, early.Rulings[0].Ruling!.Until));
        Assert.Equal((false, false), (early.Changes, early.NeedsFreshHead));
        model.Now = begins;
        Assert.Null(model.Commit(candidate).Rulings[0].Ruling);
        Assert.Equal(begins, model.Entries[^1].At);
    }
}

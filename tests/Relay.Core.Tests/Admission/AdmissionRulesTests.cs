using Relay.Core.Admission;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Tests.Admission;

public sealed class AdmissionRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Seconds of iat, nbf and exp from now, and the verdict; null for admitted.</summary>
    public static TheoryData<int, int?, int, Verdict?> Edges => new()
    {
        { -10, null, 1, null },
        { -10, null, 0, Verdict.Expired },
        { -10, null, -1, Verdict.Expired },
        { 120, null, 300, null },
        { 121, null, 300, Verdict.NotYetIssued },
        { -10, 0, 300, null },
        { -10, -1, 300, null },
        { -10, 1, 300, Verdict.Embargoed },
        { 121, 200, 300, Verdict.NotYetIssued },
        { -10, -5, 0, Verdict.Expired },
    };

    [Theory]
    [MemberData(nameof(Edges))]
    public void CheckTimes_AtTheEdges_Decides(int issued, int? notBefore, int expires, Verdict? verdict)
    {
        var envelope = SealedEnvelope.Create(new TestNegotiation(Now).Draft() with
        {
            IssuedAt = Now.AddSeconds(issued),
            NotBefore = notBefore is { } seconds ? Now.AddSeconds(seconds) : null,
            ExpiresAt = Now.AddSeconds(expires),
        });

        var ruling = AdmissionRules.CheckTimes(envelope.Head, Now);

        Assert.Equal(verdict, ruling?.Verdict);
        Assert.Equal(verdict == Verdict.Embargoed ? envelope.Head.NotBefore : null, ruling?.Until);
    }
}

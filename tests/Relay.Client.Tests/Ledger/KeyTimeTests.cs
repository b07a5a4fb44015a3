using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.Client.Tests.Ledger;

/// <summary>What an audit makes of a newest checkpoint by the standing of the version of the relay's key that is behind it.</summary>
public sealed class KeyTimeTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly TestRelay _relay;
    private readonly TestLedger _ledger;

    public KeyTimeTests()
    {
        _relay = new TestRelay(_samples.Time.GetUtcNow());
        _ledger = new TestLedger(_relay);
        _ledger.Append(new HeartbeatEntry { At = _samples.Time.GetUtcNow() }.ToBytes());
    }

    public void Dispose()
    {
        _relay.Dispose();
        _samples.Dispose();
    }

    // The certificate begins now: a version is judged by that moment, and one that others have had proves nothing either way.
    [Theory]
    [InlineData("good", null)]
    [InlineData("disabled since", null)]
    [InlineData("ends with the next second", null)]
    [InlineData("ended when it certified", AuditKind.CheckpointNotSigned)]
    [InlineData("begins with the next second", AuditKind.CheckpointNotSigned)]
    [InlineData("compromised before", AuditKind.NotProved)]
    [InlineData("compromised from then on", AuditKind.NotProved)]
    [InlineData("compromised later", AuditKind.NotProved)]
    public async Task RunAsync_ByTheStandingOfTheRelaysKey_ProvesOrNot(string row, AuditKind? expected)
    {
        var now = _samples.Time.GetUtcNow();
        var second = TimeSpan.FromSeconds(1);
        KeyValidity validity = row switch
        {
            "disabled since" => new(false, null, null),
            "ends with the next second" => new(true, null, now + second),
            "ended when it certified" => new(true, null, now),
            "begins with the next second" => new(true, now + second, null),
            "compromised before" => new(true, null, null, now - second),
            "compromised from then on" => new(true, null, null, now),
            "compromised later" => new(true, null, null, now + second),
            _ => new(true, null, null),
        };
        using var trust = _relay.Trust(_samples.Time, new OneKey(_relay.Key, validity));
        var view = new LedgerView(_ledger.Origin);
        var auditor = new LedgerAuditor(trust, view, _ledger, _samples.Judge(), null, TimeSpan.Zero, TimeSpan.Zero, _samples.Time);
        var report = await auditor.RunAsync([], TestContext.Current.CancellationToken);
        var finding = report.Findings.SingleOrDefault();
        Assert.Equal(expected, finding?.Kind);
        if (finding is null) return;
        Assert.Equal(expected != AuditKind.NotProved, finding.IsProved);
        Assert.Null(report.Checkpoint);
    }

    private sealed class OneKey(VerificationKey key, KeyValidity validity) : IMediatorKeys
    {
        public ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, DateTimeOffset? signedAt, CancellationToken cancellationToken) =>
            new(MediatorKey.Judge(key, validity, signedAt, DateTimeOffset.MaxValue));
    }
}

using System.Net;
using Relay.Client.Ledger;
using Relay.Client.Tests.Ledger;
using Relay.Client.Tests.Prekeys;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Client.Tests.Adversary;

/// <summary>
/// Bundles of two delegations and claims of one for the other's keys, in an order that a seed draws, over an honest relay, and at the end
/// one entry of one that lies; then an audit, and whoever has nothing but the public keys and the evidence file judges what it found.
/// </summary>
internal sealed class PrekeyTrace(PrekeyLie lie, int seed) : IDisposable
{
    private const int MostSteps = 12;
    private const int MostKeys = 5;
    private const string Claimer = "us";
    private const string Target = "iran";
    private static readonly string[] Delegations = [Claimer, Target];

    private readonly Random _random = new(seed);
    private readonly Samples _samples = new();
    private readonly List<PrivateJwk> _keys = [];
    private readonly Dictionary<string, List<PrekeyBundle>> _bundles = OfEach(static () => new List<PrekeyBundle>());

    // Indices of what a next entry has to go on from.
    private readonly Dictionary<string, List<long>> _links = OfEach(static () => new List<long>());
    private long _said;
    private TestRelay _relay = null!;
    private TestLedger _ledger = null!;
    private HttpClient _client = null!;
    private PrekeyRelay _honest = null!;

    /// <summary>What is wrong with what was found; null when all is as it should be.</summary>
    public string? Wrong { get; private set; }

    /// <summary>The kind that was proved; null for none.</summary>
    public LieKind? Proved { get; private set; }

    private DateTimeOffset Now => _samples.Time.GetUtcNow();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task RunAsync()
    {
        _relay = new TestRelay(Now);
        _ledger = new TestLedger(_relay);
        var policy = _samples.Document.PolicyDigest;
        _ledger.Append(new PolicyEntry { Version = 1, Policy = policy, At = Now }.ToBytes());
        _honest = new PrekeyRelay(_ledger, policy, _samples.Time);
        _client = _honest.Client();
        foreach (var delegation in Delegations) await PublishAsync(delegation);
        for (var step = _random.Next(MostSteps); step > 0; step--) await StepAsync();
        var lied = lie == PrekeyLie.Honest ? -1 : await LieAsync();
        await JudgeAsync(lied);
    }

    public void Dispose()
    {
        _client?.Dispose();
        _honest?.Dispose();
        _relay?.Dispose();
        _samples.Dispose();
        _keys.ForEach(key => key.Dispose());
    }

    private async Task StepAsync()
    {
        switch (_random.Next(6))
        {
            case 0:
                await PublishAsync(Delegations[_random.Next(2)]);
                break;
            case 1:
                _ledger.Append(new HeartbeatEntry { At = Now }.ToBytes());
                break;
            default:
                await ClaimAsync(1 + _random.Next(3));
                break;
        }
    }

    private async Task PublishAsync(string delegation, int least = 0)
    {
        var number = _bundles[delegation].Count + 1;
        var first = 1 + _bundles[delegation].Sum(bundle => (long)bundle.OneTime.Length);
        var count = Math.Max(least, _random.Next(MostKeys));
        var draft = new PrekeyBundleDraft
        {
            Negotiation = "doha-2026",
            Number = number,
            IssuedAt = Now,
            ExpiresAt = Now.AddDays(1),
            Session = Make(PrekeyBundle.SessionKeyId(delegation, number)),
            OneTime = [.. Enumerable.Range(0, count).Select(i => Make(PrekeyBundle.OneTimeKeyId(delegation, first + i)))],
        };
        using var signer = new LocalSigner(_samples[$"{delegation}#1"]);
        await SendAsync(HttpMethod.Put, delegation, "prekeys", (await PrekeyBundle.SignAsync(draft, signer, Cancel)).Bytes);
    }

    // Some of the envelopes have been claimed for before.
    private async Task ClaimAsync(int count)
    {
        var ids = new HashSet<EnvelopeId>();
        while (ids.Count < count) ids.Add(_random.Next(5) == 0 && _said > 0 ? Id(1 + _random.NextInt64(_said)) : Id(++_said));
        await SendAsync(HttpMethod.Post, Target, "claim", (await SignAsync([.. ids])).Bytes);
    }

    private async Task ClaimNextAsync() => await SendAsync(HttpMethod.Post, Target, "claim", (await SignAsync([Id(++_said)])).Bytes);

    private static EnvelopeId Id(long sequence) => new("doha-2026", Claimer, Lane.Normal, sequence);

    private async Task SendAsync(HttpMethod method, string delegation, string what, ReadOnlyMemory<byte> body)
    {
        var before = _ledger.Size;
        var uri = new Uri($"api/negotiations/doha-2026/delegations/{delegation}/{what}", UriKind.Relative);
        using var request = new HttpRequestMessage(method, uri) { Content = new ByteArrayContent(body.ToArray()) };
        using var answer = await _client.SendAsync(request, Cancel);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created, answer.StatusCode.ToString());
        for (var index = before; index < _ledger.Size; index++)
        {
            Assert.True(LedgerEntry.TryParse(_ledger.Entries[(int)index], out var entry, out var error), error);
            if (entry is PrekeysEntry published) _bundles[published.Delegation].Add(published.Bundle);
            if (entry is not PrekeyChainEntry { IsLink: true } link) continue;
            _links[link.Delegation].Add(index);
        }
    }

    private async Task<PrekeyClaim> SignAsync(EnvelopeId[] ids)
    {
        using var signer = new LocalSigner(_samples[$"{Claimer}#1"]);
        return await PrekeyClaim.SignAsync(Target, ids, Now, signer, Cancel);
    }

    /// <returns>Index of the entry that lies.</returns>
    private async Task<long> LieAsync()
    {
        // What the lie needs: keys that were given, and keys that are left.
        await PublishAsync(Target, least: 4);
        await ClaimNextAsync();
        if (lie == PrekeyLie.GivesOfOlderBundle) await PublishAsync(Target, least: 1);
        if (lie == PrekeyLie.LeavesOut) await ClaimNextAsync();
        var (links, bundle, left) = (_links[Target], _bundles[Target][^1], _honest.LeftOf(Target));
        var next = bundle.First + bundle.OneTime.Length - left;
        var older = _bundles[Target][^2];
        var (previous, given, first, after, marks) = lie switch
        {
            PrekeyLie.GivesTwice => (links[^1], bundle, next - 1, left - 1, "n"),
            PrekeyLie.Hoards => (links[^1], bundle, next + 1, left - 1 - _random.Next(2), "n"),
            PrekeyLie.PretendsExhaustion => (links[^1], bundle, 0, 0, "s"),
            PrekeyLie.LeavesOut => (links[^2], bundle, next, left - 1, "n"),
            PrekeyLie.GivesOfOlderBundle => (links[^1], older, older.First + older.OneTime.Length - 1, 0, "n"),
            PrekeyLie.Honest => throw new InvalidOperationException("an honest relay does not lie"),
        };
        var entry = new ClaimEntry
        {
            Policy = _samples.Document.PolicyDigest,
            Number = given.Number,
            Bundle = given.Digest,
            Previous = previous,
            First = first,
            Left = after,
            Marks = marks,
            Claim = await SignAsync([Id(++_said)]),
            At = Now,
        };
        return _ledger.Append(entry.ToBytes());
    }

    private async Task JudgeAsync(long lied)
    {
        using var trust = _relay.Trust(_samples.Time);
        var auditor = new LedgerAuditor(
            trust, new LedgerView(_ledger.Origin), _ledger, _samples.Judge(), null, TimeSpan.Zero, TimeSpan.Zero, _samples.Time);
        var findings = (await auditor.RunAsync([], Cancel)).Findings;
        if (lied < 0)
        {
            if (findings.Count > 0) Wrong = $"accused falsely: {string.Join("; ", findings.Select(finding => finding.Detail))}";
            return;
        }

        var finding = findings.FirstOrDefault(each => each.Index == lied);
        if (finding?.Contradiction is not { } file || findings.Any(each => each.Index != lied))
        {
            var got = string.Join("; ", findings.Select(each => $"{each.Index}: {each.Detail}"));
            Wrong = $"expected one finding, at {lied}, with its proof, got {got}";
            return;
        }

        // As whoever is handed the two files reads them.
        Assert.True(EvidenceFile.TryParse(file.Bytes, out var read, out var fault), fault);
        var keys = new EvidenceKeys(_relay.Keys, TestRelay.VaultKey, _samples.MediatorKeys, Array.Empty<NegotiationDocument>());
        var verdict = await keys.JudgeAsync(read, Cancel);
        if (verdict.Standing == EvidenceStanding.Proved) Proved = read.Kind;
        else Wrong = $"{read.Kind} is not proved: {verdict.Fault}: {verdict.Detail}";
    }

    private PublicJwk Make(string keyId)
    {
        var key = PrivateJwk.Generate(JwkKind.P256, keyId);
        _keys.Add(key);
        return key.Public;
    }

    private static Dictionary<string, T> OfEach<T>(Func<T> make) => Delegations.ToDictionary(static name => name, _ => make());
}

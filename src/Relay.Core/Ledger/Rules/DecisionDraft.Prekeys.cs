using System.Collections.Immutable;
using System.Globalization;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Rules;

/// <summary>The rules of prekeys, which are decided last of a group; see <see cref="DecisionRules"/>.</summary>
internal sealed partial class DecisionDraft
{
    private static readonly TimeSpan ClaimsFor = TimeSpan.FromDays(1);

    // What this decision makes of bundles and pages; before it they are facts.
    private readonly Dictionary<long, ReadOnlyMemory<byte>> _bundles = [];
    private readonly Dictionary<Digest, ClaimPage> _pages = [];

    public PrekeyRuling Judge(PrekeyCandidate candidate) => candidate switch
    {
        BundleCandidate bundle => Judge(bundle),
        ClaimCandidate claim => Judge(claim),
        _ => throw new InvalidOperationException("Expected a bundle or a claim."),
    };

    private PrekeyRuling Judge(BundleCandidate candidate)
    {
        var bundle = candidate.Bundle;
        var position = _prekeys.FindIndex(state => state.Delegation == bundle.Delegation);
        var before = position < 0 ? null : _prekeys[position];
        if (before is not null && bundle.Number <= before.Number)
        {
            if (bundle.Digest == before.Bundle)
            {
                return IsEntryKnown(before.Entry) ? Answer(PrekeyVerdict.PublishedBefore, [before.Entry], []) : DamagedPrekeys();
            }
            return Refuse(PrekeyVerdict.OlderNumber, $"expected a bundle of number {before.Number + 1} or more, got {bundle.Number}");
        }
        var end = before?.End ?? 1;
        if (bundle.First > 0 && bundle.First < end)
        {
            return Refuse(PrekeyVerdict.KeysComeBack, $"expected one-time keys from id {end} on, got {bundle.First}");
        }
        if (bundle.ExpiresAt <= _at)
        {
            return Refuse(PrekeyVerdict.TooOld, $"expected a bundle until after {_at:u}, got {bundle.ExpiresAt:u}");
        }
        if (position < 0 && _prekeys.Count >= LedgerLimits.Prekeys)
        {
            return Refuse(PrekeyVerdict.LedgerUnavailable, $"expected bundles of at most {LedgerLimits.Prekeys} delegations, got another");
        }
        if (CheckModeOfPrekeys() is { } notNow) return notNow;
        if (CheckPolicy(candidate.Policy, candidate.Document) is { } unfit) return RefusePolicy(unfit);
        var entry = new PrekeysEntry { Bundle = bundle, Policy = candidate.Policy.Digest, Previous = before?.Last ?? 0, At = _at };
        var index = Append(entry, -1);
        _bundles[index] = bundle.Bytes;
        // A page that is damaged is left behind here: nobody's key is given twice without it.
        var page = before is null ? null : FindPage(before)?.After(before.Entry);
        if (before is { Rows: > 0 } && LedgerPaths.Claims(_negotiation, before) is var old && !_puts.Remove(old)) _deletes.Add(old);
        var count = bundle.OneTime.Length;
        var state = new PrekeyState(
            bundle.Delegation,
            bundle.Number,
            bundle.Digest,
            count == 0 ? end : bundle.First,
            count,
            count,
            bundle.ExpiresAt,
            index,
            index,
            0,
            default);
        if (page is not null) state = PutPage(state, null, page, page.Rows);
        if (position < 0) _prekeys.Add(state);
        else _prekeys[position] = state;
        return Answer(PrekeyVerdict.Published, [index], []);
    }

    private PrekeyRuling Judge(ClaimCandidate candidate)
    {
        var claim = candidate.Claim;
        var position = _prekeys.FindIndex(state => state.Delegation == claim.Target);
        if (position < 0) return Refuse(PrekeyVerdict.NoBundle, $"expected a delegation with a bundle of prekeys, got {claim.Target}");
        var state = _prekeys[position];
        if (FindPage(state) is not { } page) return DamagedPrekeys();
        var rows = claim.Envelopes.Select(page.Find).ToArray();
        var isNew = rows.Any(row => row is null);
        // Before anything changes: what is handed out must be answered.
        if (!TryAnswer(state, page, rows, isNew, out var entries, out var bundles)) return DamagedPrekeys();
        if (!isNew) return Answer(PrekeyVerdict.ClaimedBefore, entries, bundles);
        if (CheckClaim(claim, state) is { } refused) return refused;
        var asked = rows.Count(row => row is null);
        var given = Math.Min(asked, state.Left);
        var share = (state.Count + candidate.Claimers - 1) / candidate.Claimers;
        if (given > 0 && page.CountOf(claim.Claimer, state.Entry) is var taken && taken + given > share)
        {
            var (left, of) = (share - taken, $"{state.Delegation}'s bundle {state.Number}");
            return Refuse(PrekeyVerdict.OverShare, $"expected at most {left} more one-time keys of {of} for {claim.Claimer}, got {given}");
        }
        if (CheckModeOfPrekeys() is { } notNow) return notNow;
        if (CheckPolicy(candidate.Policy, candidate.Document) is { } unfit) return RefusePolicy(unfit);
        var entry = new ClaimEntry
        {
            Policy = candidate.Policy.Digest,
            Number = state.Number,
            Bundle = state.Bundle,
            Previous = state.Last,
            First = given == 0 ? 0 : state.Next,
            Left = state.Left - given,
            Marks = MarksOf(rows, given),
            Claim = claim,
            At = _at,
        };
        var index = Append(entry, -1);
        if (given > 0)
        {
            ImmutableArray<ClaimRow> added = [.. entry.HandedOut.Select(one => new ClaimRow(index, one.Id))];
            var next = page with { Rows = [.. page.Rows, .. added] };
            _prekeys[position] = PutPage(state with { Left = entry.Left, Last = index }, state.Rows > 0 ? state : null, next, added);
        }
        return Answer(PrekeyVerdict.Claimed, [index, .. entries], bundles);
    }

    private PrekeyRuling? CheckClaim(PrekeyClaim claim, PrekeyState state)
    {
        if (claim.IssuedAt < _at - ClaimsFor)
        {
            return Refuse(PrekeyVerdict.TooOld, $"expected a claim signed after {_at - ClaimsFor:u}, got one of {claim.IssuedAt:u}");
        }
        return state.ExpiresAt > _at
            ? null
            : Refuse(
                PrekeyVerdict.NoBundle,
                $"expected a bundle of {state.Delegation} that lasts, the newest, {state.Number}, ended at {state.ExpiresAt:u}");
    }

    private static string MarksOf(ClaimRow?[] rows, int given)
    {
        var marks = new char[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            marks[i] = rows[i] is not null ? 'r' : given-- > 0 ? 'n' : 's';
        }

        return new string(marks);
    }

    // The answer to a claim: the entries that its keys are in, and the bundles that those name.
    private bool TryAnswer(
        PrekeyState state,
        ClaimPage page,
        ClaimRow?[] rows,
        bool isNew,
        out ImmutableArray<long> entries,
        out ImmutableArray<ReadOnlyMemory<byte>> bundles)
    {
        entries = [.. rows.Where(row => row is not null).Select(row => row!.Value.Entry).Distinct()];
        bundles = [];
        if (!entries.All(IsEntryKnown)) return false;
        if (isNew || entries.Any(entry => entry > state.Entry))
        {
            if (FindBundle(state.Entry) is not { } bundle) return false;
            bundles = [bundle];
        }
        if (entries.Any(entry => entry < state.Entry))
        {
            if (FindBundle(page.PreviousEntry) is not { } bundle) return false;
            bundles = [.. bundles, bundle];
        }
        return true;
    }

    private static PrekeyRuling Answer(
        PrekeyVerdict verdict, ImmutableArray<long> entries, ImmutableArray<ReadOnlyMemory<byte>> bundles) =>
        new(verdict, entries, bundles, "");

    /// <summary>The pages that are in force after this decision, of those that it made.</summary>
    public IReadOnlyDictionary<Digest, ClaimPage> ClaimPages =>
        _prekeys.Where(state => _pages.ContainsKey(state.Claims)).ToDictionary(state => state.Claims, state => _pages[state.Claims]);

    private bool IsEntryKnown(long index) => index >= _before.Size || _facts.Entries.Contains(index);

    private ReadOnlyMemory<byte>? FindBundle(long index)
    {
        if (_bundles.TryGetValue(index, out var made)) return made;
        return _facts.Bundles.TryGetValue(index, out var fact) && fact.Problem is null ? fact.Value : null;
    }

    // Null for one that is damaged.
    private ClaimPage? FindPage(PrekeyState state)
    {
        if (state.Claims == default) return new ClaimPage(_negotiation, 0, []);
        if (_pages.TryGetValue(state.Claims, out var made)) return made;
        return _facts.Claims.TryGetValue(state.Claims, out var fact) && fact.Problem is null ? fact.Value : null;
    }

    // A page that is there grows, so that only what is added is written.
    private PrekeyState PutPage(PrekeyState state, PrekeyState? before, ClaimPage page, IReadOnlyCollection<ClaimRow> added)
    {
        var digest = Digest.Of(page.ToBytes());
        _pages[digest] = page;
        var made = state with { Rows = page.Rows.Length, Claims = digest };
        var name = LedgerPaths.Claims(_negotiation, made);
        if (before is null)
        {
            Put(name, page.ToBytes());
            return made;
        }
        var old = LedgerPaths.Claims(_negotiation, before);
        var rows = ClaimPage.ToBytes(added);
        // By an earlier claim of this very decision: the two are written as one.
        _puts[name] = _puts.Remove(old, out var start)
            ? new StagedBlob(name, (byte[])[.. start.Content.Span, .. rows], start.After)
            : new StagedBlob(name, rows, new StagedBase(old, before.Claims));
        return made;
    }

    // A newer head may say otherwise; only a swap shows that there is none.
    private PrekeyRuling Refuse(PrekeyVerdict verdict, FormattableString detail)
    {
        _refusesNew = true;
        return PrekeyRuling.Stop(verdict, detail.ToString(CultureInfo.InvariantCulture));
    }

    private PrekeyRuling RefusePolicy(Ruling unfit)
    {
        _refusesNew = true;
        return PrekeyRuling.Stop(PrekeyVerdict.LedgerUnavailable, unfit.Description);
    }

    private static PrekeyRuling DamagedPrekeys() =>
        PrekeyRuling.Stop(PrekeyVerdict.LedgerDamaged, LedgerRulings.Damaged().Description);
}

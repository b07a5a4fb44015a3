using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// Keys were handed out for a claim. What the claimer signed is in it, and what the relay adds is such that two entries show a lie:
/// which keys of which bundle, how many are left, and which entry had the key before. Text: kind, time, policy digest, number and digest
/// of the bundle, previous, first key, keys left, marks, compact JWS.
/// </summary>
public sealed class ClaimEntry : PrekeyChainEntry
{
    private const string AllMarks = "nsr";

    /// <inheritdoc/>
    public override string Kind => "relay/claim/v1";

    /// <summary>Number of the bundle.</summary>
    public required long Number { get; init; }

    /// <summary>Digest of the bundle.</summary>
    public required Digest Bundle { get; init; }

    /// <summary>Id of the first one-time key handed out; 0 when none is.</summary>
    public required long First { get; init; }

    /// <summary>One-time keys of the bundle that are left afterwards.</summary>
    public required int Left { get; init; }

    /// <summary>
    /// For each envelope of the claim, in its order: <c>n</c> the next one-time key, <c>s</c> the session key, none other being left, or
    /// <c>r</c> one that an earlier entry gave it.
    /// </summary>
    public required string Marks { get; init; }

    /// <summary>What the claimer signed.</summary>
    public required PrekeyClaim Claim { get; init; }

    /// <summary>One-time keys handed out by this entry.</summary>
    public int Count => Marks.Count(mark => mark == 'n');

    /// <summary>Envelopes that are given a one-time key here, each with the id of it.</summary>
    public ImmutableArray<(EnvelopeId Id, long Key)> HandedOut
    {
        get
        {
            var given = ImmutableArray.CreateBuilder<(EnvelopeId, long)>();
            for (var i = 0; i < Marks.Length; i++)
            {
                if (Marks[i] == 'n') given.Add((Claim.Envelopes[i], First + given.Count));
            }
            return given.DrainToImmutable();
        }
    }

    /// <inheritdoc/>
    public override string Delegation => Claim.Target;

    /// <inheritdoc/>
    public override string KeyId => Claim.KeyId;

    /// <inheritdoc/>
    public override bool IsLink => Count > 0;

    internal override PrekeyStanding Standing => new(Number, Bundle, First + Count, Left);

    /// <inheritdoc/>
    public override PrekeyFault Verify(NegotiationDocument document, out string detail) => Claim.Verify(document, out detail);

    /// <summary>What this entry says of an envelope: the id of its one-time key, 0 for the session key, null for nothing.</summary>
    public long? KeyOf(EnvelopeId id)
    {
        var next = First;
        for (var i = 0; i < Marks.Length; i++)
        {
            if (Claim.Envelopes[i] == id) return Marks[i] switch { 'n' => next, 's' => 0, _ => null };
            if (Marks[i] == 'n') next++;
        }
        return null;
    }

    internal static ClaimEntry? Read(ref EntryReader reader)
    {
        var at = ReadTime(ref reader);
        var policy = reader.Digest();
        var number = reader.Number(1, EnvelopeId.MaxSequence);
        var bundle = reader.Digest();
        var previous = reader.Number(1, MerkleHash.MaxSize);
        var first = reader.Number(0, EnvelopeId.MaxSequence);
        var left = reader.Number(0, PrekeyBundle.MaxOneTime);
        var marks = System.Text.Encoding.ASCII.GetString(reader.Line());
        var line = reader.Line();
        if (reader.Error.Length > 0) return null;
        if (!PrekeyClaim.TryParse(line, out var claim, out _, out var detail))
        {
            reader.Fail($"a claim of prekeys ({detail})", line);
            return null;
        }
        if (!AreMarks(marks, claim.Envelopes.Length, left, first))
        {
            const string Expected = "a mark n, s or r for each envelope, no s before an n or while keys are left";
            reader.Fail(Expected, System.Text.Encoding.ASCII.GetBytes(marks));
            return null;
        }
        return new ClaimEntry
        {
            Policy = policy,
            Number = number,
            Bundle = bundle,
            Previous = previous,
            First = first,
            Left = (int)left,
            Marks = marks,
            Claim = claim,
            At = at,
        };
    }

    private static bool AreMarks(string marks, int envelopes, long left, long first)
    {
        if (marks.Length != envelopes || marks.AsSpan().ContainsAnyExcept(AllMarks)) return false;
        var (given, session) = (marks.LastIndexOf('n'), marks.IndexOf('s', StringComparison.Ordinal));
        if (given < 0 && session < 0) return false;
        if (session >= 0 && (left > 0 || given > session)) return false;
        return first > 0 == given >= 0;
    }

    private protected override void WriteFields(StringBuilder text)
    {
        WriteTime(text);
        WriteDigest(text, Policy);
        text.Append(CultureInfo.InvariantCulture, $"{Number}\n");
        WriteDigest(text, Bundle);
        text.Append(CultureInfo.InvariantCulture, $"{Previous}\n{First}\n{Left}\n{Marks}\n");
        text.Append(System.Text.Encoding.ASCII.GetString(Claim.Bytes.Span)).Append('\n');
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using Relay.Core.Rates;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.State;

/// <summary>Takes the members of a head's JSON; the first that breaks its rule is remembered, what comes after it is meaningless.</summary>
/// <param name="root">The JSON.</param>
/// <param name="behind">What stands behind the note.</param>
internal sealed class HeadReader(JsonElement root, ReadOnlyMemory<byte> behind)
{
    // Last second of year 9999, the end of DateTimeOffset.
    private const long MaxSeconds = 253_402_300_799;

    /// <summary>What was expected; empty while nothing is wrong.</summary>
    public string Error { get; private set; } = "";

    public LedgerHead? Read(string origin)
    {
        var range = ReadRange();
        var policy = Member(root, "policy", JsonValueKind.Object);
        var state = new LedgerState
        {
            Commit = Number(Member(root, "commit", JsonValueKind.Number), "commit", 1, MerkleHash.MaxSize),
            Range = range,
            At = DateTimeOffset.FromUnixTimeMilliseconds(Number(Member(root, "at", JsonValueKind.Number), "at", 0, MaxSeconds * 1_000)),
            Policy = new PolicyState(
                Number(Member(policy, "version", JsonValueKind.Number), "policy version", 1, EnvelopeId.MaxSequence),
                ReadDigest(Member(policy, "digest", JsonValueKind.String), "policy digest")),
            Streams = ReadStreams(),
            Outstanding = ReadOutstanding(),
            Prekeys = ReadPrekeys(),
            Due = ReadDue(root),
            Mode = ReadMode(),
        };
        if (Number(Member(root, "size", JsonValueKind.Number), "size", 0, MerkleHash.MaxSize) != range.Size)
        {
            Fail("a size that is the range's");
        }
        if (ReadDigest(Member(root, "root", JsonValueKind.String), "root") != range.Root()) Fail("a root that is the range's");
        var staged = ReadStaged(state.Commit);
        var checkpoint = ReadCheckpoint();
        var certificate = ReadCertificate();
        Check(state);
        return Error.Length > 0 ? null : new LedgerHead(origin, state, staged, checkpoint!, certificate!);
    }

    // Rules between members; that the text is the one text of its value is for the caller.
    private void Check(LedgerState state)
    {
        if (Error.Length > 0) return;
        var held = 0;
        var names = new HashSet<(string, Lane)>();
        foreach (var stream in state.Streams)
        {
            held += stream.Held.Length;
            if (!names.Add((stream.Sender, stream.Lane))) Fail("each stream once");
            if (stream.Last == 0 != (stream.Digest == default) || stream.Last == 0 != (stream.Chunk == default))
            {
                Fail("zero digests exactly where last is 0");
            }
            var last = stream.Last;
            foreach (var item in stream.Held)
            {
                if (item.Sequence <= last) Fail("held sequences that rise from above last");
                last = item.Sequence;
            }
        }

        var end = 0L;
        var count = 0;
        foreach (var entry in state.Outstanding)
        {
            if (entry.Index < end || entry.End > state.Size) Fail("outstanding indices that rise below the size");
            end = entry.End;
            count += entry.Count;
            if (entry.Released is not { } released) continue;
            held++;
            if (released.Stream >= state.Streams.Length || released.Sequence > state.Streams[released.Stream].Last)
            {
                Fail("released envelopes of logged sequences");
            }
        }

        CheckPrekeys(state);
        var at = Gcra.Microseconds(state.At);
        if (state.Streams.Select(static stream => stream.Due).Append(state.Due).Any(due => due > 0 && due <= at))
        {
            Fail("due times that are after the head's");
        }
        if (state.Outstanding.Count(static entry => entry.Released is null) > LedgerLimits.Outstanding)
        {
            Fail($"at most {LedgerLimits.Outstanding} runs of outstanding entries");
        }
        if (count > LedgerLimits.OutstandingEntries) Fail($"at most {LedgerLimits.OutstandingEntries} outstanding entries");
        if (held > LedgerLimits.Held) Fail($"at most {LedgerLimits.Held} held envelopes");
    }

    private CompactRange ReadRange()
    {
        if (!Member(root, "range", JsonValueKind.String).TryGetBytes(out var bytes) || !CompactRange.TryRead(bytes, out var range, out _))
        {
            Fail("a compact range in base64");
            return new CompactRange();
        }

        return range;
    }

    private ImmutableArray<StreamState> ReadStreams()
    {
        var streams = ImmutableArray.CreateBuilder<StreamState>();
        foreach (var item in Items(Member(root, "streams", JsonValueKind.Array), "streams", LedgerLimits.Streams))
        {
            var sender = Text(Member(item, "sender", JsonValueKind.String));
            if (!RelayName.IsValid(sender)) Fail("a delegation's name as sender");
            if (!LaneText.TryParse(Text(Member(item, "lane", JsonValueKind.String)), out var lane)) Fail("a lane");
            streams.Add(new StreamState(
                sender,
                lane,
                Number(Member(item, "last", JsonValueKind.Number), "last", 0, EnvelopeId.MaxSequence),
                ReadDigest(Member(item, "digest", JsonValueKind.String), "digest"),
                ReadDigest(Member(item, "chunk", JsonValueKind.String), "chunk"),
                ReadHeld(Member(item, "held", JsonValueKind.Array)))
            {
                Due = ReadDue(item),
            });
        }

        return streams.DrainToImmutable();
    }

    private long ReadDue(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("due", out var due)
            ? Number(due, "due", 1, MaxSeconds * 1_000_000)
            : 0;

    private ImmutableArray<HeldEnvelope> ReadHeld(JsonElement array)
    {
        var held = ImmutableArray.CreateBuilder<HeldEnvelope>();
        foreach (var item in Items(array, "held", LedgerLimits.HeldPerStream))
        {
            var fields = Fields(item, "held", 4, 4);
            if (Error.Length > 0) break;
            held.Add(new HeldEnvelope(
                Number(fields[0], "sequence", 1, EnvelopeId.MaxSequence),
                ReadDigest(fields[1], "digest"),
                ReadDigest(fields[2], "blob"),
                Seconds(fields[3])));
        }

        return held.DrainToImmutable();
    }

    private ImmutableArray<OutstandingEntry> ReadOutstanding()
    {
        var outstanding = ImmutableArray.CreateBuilder<OutstandingEntry>();
        const int Most = LedgerLimits.Outstanding + LedgerLimits.Held;
        foreach (var item in Items(Member(root, "outstanding", JsonValueKind.Array), "outstanding", Most))
        {
            var fields = Fields(item, "outstanding", 3, 5);
            if (Error.Length > 0) break;
            var released = fields.Length == 3 ? null : new ReleasedEnvelope(
                (int)Number(fields[2], "stream", 0, LedgerLimits.Streams),
                Number(fields[3], "sequence", 1, EnvelopeId.MaxSequence),
                ReadDigest(fields[4], "blob"));
            var count = released is null ? (int)Number(fields[1], "count", 1, LedgerLimits.OutstandingEntries) : 1;
            var exp = Seconds(fields[released is null ? 2 : 1]);
            outstanding.Add(new OutstandingEntry(Number(fields[0], "index", 0, MerkleHash.MaxSize), exp, released, count));
        }

        return outstanding.DrainToImmutable();
    }

    private ImmutableArray<PrekeyState> ReadPrekeys()
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("prekeys", out var array)) return [];
        var prekeys = ImmutableArray.CreateBuilder<PrekeyState>();
        foreach (var item in Items(array, "prekeys", LedgerLimits.Prekeys))
        {
            var fields = Fields(item, "prekeys", 11, 11);
            if (Error.Length > 0) break;
            prekeys.Add(new PrekeyState(
                Text(fields[0]),
                Number(fields[1], "number", 1, EnvelopeId.MaxSequence),
                ReadDigest(fields[2], "bundle"),
                Number(fields[3], "first", 1, EnvelopeId.MaxSequence),
                (int)Number(fields[4], "count", 0, PrekeyBundle.MaxOneTime),
                (int)Number(fields[5], "left", 0, PrekeyBundle.MaxOneTime),
                Seconds(fields[6]),
                Number(fields[7], "entry", 0, MerkleHash.MaxSize),
                Number(fields[8], "last", 0, MerkleHash.MaxSize),
                (int)Number(fields[9], "rows", 0, ClaimPage.MaxRows),
                ReadDigest(fields[10], "claims")));
        }

        return prekeys.DrainToImmutable();
    }

    private NegotiationMode ReadMode()
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("mode", out var value)) return NegotiationMode.Open;
        if (!NegotiationModeText.TryParse(Text(value), out var mode) || mode == NegotiationMode.Open) Fail("mode read-only or closed");
        return mode;
    }

    private void CheckPrekeys(LedgerState state)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var bundle in state.Prekeys)
        {
            if (!RelayName.IsValid(bundle.Delegation) || !names.Add(bundle.Delegation)) Fail("each delegation with prekeys once");
            if (bundle.Rows == 0 != (bundle.Claims == default)) Fail("zero digests exactly where rows is 0");
            if (bundle.Left > bundle.Count) Fail("at most as many keys left as there were");
            if (bundle.Entry > bundle.Last || bundle.Last >= state.Size) Fail("entries of prekeys that rise below the size");
        }
    }

    // What stands behind the note must be what the note says, and nothing else may.
    private StagedCommit? ReadStaged(long commit)
    {
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("staged", out var value) && value.ValueKind == JsonValueKind.Null)
        {
            if (!behind.IsEmpty) Fail("nothing behind a head that has nothing staged");
            return null;
        }
        if (ReadDigest(Member(root, "staged", JsonValueKind.String), "staged") != Digest.Of(behind.Span))
        {
            Fail("the staged commit whose digest the head has");
            return null;
        }
        if (!StagedCommit.TryRead(behind, out var staged, out _) || staged.Commit != commit) Fail($"a staged commit of number {commit}");
        return staged;
    }

    private SignedNote? ReadCheckpoint()
    {
        if (Member(root, "checkpoint", JsonValueKind.String).TryGetBytes(out var bytes) && SignedNote.TryParse(bytes, out var note, out _))
        {
            return note;
        }
        Fail("a signed checkpoint in base64");
        return null;
    }

    private CheckpointKeyCertificate? ReadCertificate()
    {
        var text = Text(Member(root, "certificate", JsonValueKind.String));
        if (CheckpointKeyCertificate.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var certificate, out _)) return certificate;
        Fail("a certificate of a checkpoint key");
        return null;
    }

    private JsonElement Member(JsonElement json, string name, JsonValueKind kind)
    {
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == kind) return value;
        Fail($"'{name}' as {kind}");
        return default;
    }

    private JsonElement[] Items(JsonElement array, string name, int max)
    {
        if (array.ValueKind == JsonValueKind.Array && array.GetArrayLength() <= max) return [.. array.EnumerateArray()];
        Fail($"at most {max} items in '{name}'");
        return [];
    }

    private JsonElement[] Fields(JsonElement item, string name, int least, int most)
    {
        if (item.ValueKind == JsonValueKind.Array && (item.GetArrayLength() == least || item.GetArrayLength() == most))
        {
            return [.. item.EnumerateArray()];
        }
        Fail($"items of {least} or {most} fields in '{name}'");
        return [];
    }

    private long Number(JsonElement value, string name, long min, long max)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max) return number;
        Fail($"'{name}' from {min} to {max}");
        return min;
    }

    private DateTimeOffset Seconds(JsonElement value) => DateTimeOffset.FromUnixTimeSeconds(Number(value, "exp", 0, MaxSeconds));

    private Digest ReadDigest(JsonElement value, string name)
    {
        if (value.ValueKind == JsonValueKind.String && Digest.TryParse(Text(value), out var digest)) return digest;
        Fail($"'{name}' as a digest in base64url");
        return default;
    }

    private string Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return "";
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // The platform's word for a string with half a surrogate pair in its escapes.
            Fail("text");
            return "";
        }
    }

    private void Fail(string expected)
    {
        if (Error.Length == 0) Error = $"expected {expected}, got something else";
    }
}

internal static class HeadJson
{
    /// <summary>The bytes of a base64 string; false for any other value.</summary>
    public static bool TryGetBytes(this JsonElement value, out byte[] bytes)
    {
        bytes = [];
        if (value.ValueKind != JsonValueKind.String || !value.TryGetBytesFromBase64(out var decoded)) return false;
        bytes = decoded;
        return true;
    }
}

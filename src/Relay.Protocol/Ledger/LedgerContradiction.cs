using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// Two statements signed by one relay that no honest ledger makes, as a file that
/// anyone can check offline with the relay's vault key. As read: nothing is
/// verified; that is <see cref="Check"/>. Immutable.
/// </summary>
/// <remarks>
/// JSON, either <c>{"type","checkpoints":[{"note","key"},{"note","key"}],"root","proof"}</c>,
/// where <c>root</c> and <c>proof</c> (base64) show the root that the second
/// tree had at the first one's size and are absent between equal sizes; or
/// <c>{"type","receipts":["...","..."],"head"}</c>, where <c>head</c> (base64) is the
/// head of the second receipt's envelope and present only to show a broken chain. <c>type</c> is <see cref="Type"/>.
/// </remarks>
public sealed class LedgerContradiction
{
    /// <summary><c>type</c>.</summary>
    public const string Type = "relay-ledger-contradiction/v1";

    /// <summary>Longest file read: 1 MiB.</summary>
    public const int MaxBytes = 1024 * 1024;

    private readonly SignedCheckpoint _first;
    private readonly SignedCheckpoint _second;
    private readonly (Digest Root, ImmutableArray<Digest> Proof)? _prefix;
    private readonly (Receipt First, Receipt Second)? _receipts;
    private readonly EnvelopeHead? _head;

    private LedgerContradiction(
        ReadOnlyMemory<byte> bytes, SignedCheckpoint first, SignedCheckpoint second, (Digest, ImmutableArray<Digest>)? prefix)
    {
        Bytes = bytes;
        _first = first;
        _second = second;
        _prefix = prefix;
    }

    private LedgerContradiction(ReadOnlyMemory<byte> bytes, Receipt first, Receipt second, EnvelopeHead? head)
        : this(bytes, SignedCheckpoint.Of(first), SignedCheckpoint.Of(second), null)
    {
        _receipts = (first, second);
        _head = head;
    }

    /// <summary>The file.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Origin of the ledger it speaks of.</summary>
    public string Origin => _first.Checkpoint.Origin;

    /// <summary>Of its two signatures; <see cref="Check"/> needs the vault keys that are said to have signed them.</summary>
    public IReadOnlyList<CheckpointKeyCertificate> Certificates => [_first.Certificate, _second.Certificate];

    /// <summary>Two checkpoints of one size.</summary>
    public static LedgerContradiction Of(SignedCheckpoint first, SignedCheckpoint second) =>
        Write(json => WriteCheckpoints(json, first, second));

    /// <summary>Two checkpoints of different sizes, the smaller first.</summary>
    /// <param name="first">The smaller.</param>
    /// <param name="second">The larger.</param>
    /// <param name="root">Root of the second tree at the first one's size.</param>
    /// <param name="proof">Consistency proof from <paramref name="root"/> to the second checkpoint.</param>
    public static LedgerContradiction Of(
        SignedCheckpoint first, SignedCheckpoint second, Digest root, ImmutableArray<Digest> proof) => Write(json =>
    {
        WriteCheckpoints(json, first, second);
        json.WriteBase64String("root"u8, root.ToArray());
        json.WriteStartArray("proof"u8);
        foreach (var hash in proof) json.WriteBase64StringValue(hash.ToArray());
        json.WriteEndArray();
    });

    /// <summary>Two receipts as they came.</summary>
    /// <param name="first">Text of a receipt; of the earlier envelope when <paramref name="head"/> is given.</param>
    /// <param name="second">Text of the other.</param>
    /// <param name="head">Head of the second receipt's envelope, when its <c>prev</c> is what does not fit; else null.</param>
    public static LedgerContradiction Of(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second, EnvelopeHead? head) => Write(json =>
    {
        json.WriteStartArray("receipts"u8);
        json.WriteStringValue(first.Span);
        json.WriteStringValue(second.Span);
        json.WriteEndArray();
        if (head is not null) json.WriteBase64String("head"u8, head.Bytes.Span);
    });

    /// <summary>Reads a file. Never throws on bad input.</summary>
    /// <param name="bytes">The whole file; kept, so it must not change afterwards.</param>
    /// <param name="contradiction">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out LedgerContradiction? contradiction, out string error)
    {
        contradiction = null;
        if (!StrictJsonDocument.TryParse(bytes.Span, MaxBytes, out var document, out error)) return false;
        using (document)
        {
            var json = document.RootElement;
            if (json.ValueKind != JsonValueKind.Object || Text(json, "type") is not Type)
            {
                error = $"expected an object with type {Type}, got something else";
                return false;
            }
            return json.TryGetProperty("receipts", out var receipts)
                ? TryReadReceipts(bytes, json, receipts, out contradiction, out error)
                : TryReadCheckpoints(bytes, json, out contradiction, out error);
        }
    }

    /// <summary>Says what the two statements show. Needs nothing but the relay's vault keys.</summary>
    /// <param name="verifier">Of this ledger's origin, with the relay's vault keys.</param>
    /// <param name="now">The checker's clock.</param>
    /// <param name="detail">What it shows in a sentence, or why it shows nothing.</param>
    /// <returns><see cref="ContradictionKind.None"/> when a signature or proof does not hold, or the statements fit each other.</returns>
    public ContradictionKind Check(ReceiptVerifier verifier, DateTimeOffset now, out string detail)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        if (_receipts is var (first, second))
        {
            return IsSigned(verifier.Check(first, now, out detail)) && IsSigned(verifier.Check(second, now, out detail))
                ? Compare(first, second, out detail)
                : ContradictionKind.None;
        }
        return verifier.Check(_first, now, out detail) == ReceiptFault.None && verifier.Check(_second, now, out detail) == ReceiptFault.None
            ? Compare(_first.Checkpoint, _second.Checkpoint, out detail)
            : ContradictionKind.None;
    }

    private ContradictionKind Compare(Checkpoint first, Checkpoint second, out string detail)
    {
        if (first.Size == second.Size)
        {
            var fits = first.Root == second.Root;
            detail = fits
                ? $"both checkpoints have root {first.Root} at size {first.Size}"
                : $"the relay signed two trees of size {first.Size}: root {first.Root} and root {second.Root}";
            return fits ? ContradictionKind.None : ContradictionKind.ForkAtOneSize;
        }
        detail = $"expected a proof of another root at size {first.Size} in the tree of size {second.Size}, got none that holds";
        if (_prefix is not var (root, proof) || root == first.Root) return ContradictionKind.None;
        if (!MerkleProof.VerifyConsistency(first.Size, root, second.Size, second.Root, proof.AsSpan())) return ContradictionKind.None;
        detail = $"the relay signed root {first.Root} at size {first.Size}, and a tree of size {second.Size} that had root {root} then";
        return ContradictionKind.ForkOfPrefix;
    }

    private ContradictionKind Compare(Receipt first, Receipt second, out string detail)
    {
        var (one, two) = (first.Entry, second.Entry);
        var (i, j) = (first.Proof.Index, second.Proof.Index);
        detail = $"the relay gave receipts for {one.Id} and {two.Id} at index {i}";
        if (i == j && first.LeafHash != second.LeafHash) return ContradictionKind.OtherEntryAtIndex;
        detail = $"the relay logged {one.Id} at index {i} and again at index {j}";
        if (one.Id == two.Id && i != j) return ContradictionKind.LoggedTwice;
        detail = $"the relay logged {one.Id} at index {i} and {two.Id} at index {j}";
        if (one.Id.Stream == two.Id.Stream && one.Id.Sequence < two.Id.Sequence != i < j && i != j) return ContradictionKind.OrderBroken;
        detail = "both receipts fit one ledger";
        if (_head is null
            || _head.Digest != two.Digest
            || one.Id.Stream != two.Id.Stream
            || one.Id.Sequence + 1 != two.Id.Sequence
            || _head.Previous == one.Digest)
        {
            return ContradictionKind.None;
        }
        detail = $"the relay logged {two.Id} after {one.Id} though its 'prev' names another envelope";
        return ContradictionKind.ChainBroken;
    }

    // A date ahead of the checker's clock takes nothing from what was signed under it.
    private static bool IsSigned(ReceiptFault fault) => fault is ReceiptFault.None or ReceiptFault.EntryInFuture;

    private static bool TryReadCheckpoints(
        ReadOnlyMemory<byte> bytes, JsonElement json, out LedgerContradiction? contradiction, out string error)
    {
        contradiction = null;
        error = "expected 'checkpoints' with two notes and their keys, got something else";
        if (!json.TryGetProperty("checkpoints", out var pair) || pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2)
        {
            return false;
        }
        if (!TryReadCheckpoint(pair[0], out var first, ref error) || !TryReadCheckpoint(pair[1], out var second, ref error)) return false;
        (Digest, ImmutableArray<Digest>)? prefix = null;
        if (json.TryGetProperty("root", out var rootText))
        {
            error = $"expected 'root' and at most {MerkleProof.MaxHashes} hashes of 'proof' in base64, got something else";
            if (!TryDigest(rootText, out var root)) return false;
            if (!json.TryGetProperty("proof", out var proofText)
                || proofText.ValueKind != JsonValueKind.Array
                || proofText.GetArrayLength() > MerkleProof.MaxHashes)
            {
                return false;
            }
            var proof = ImmutableArray.CreateBuilder<Digest>(proofText.GetArrayLength());
            foreach (var item in proofText.EnumerateArray())
            {
                if (!TryDigest(item, out var hash)) return false;
                proof.Add(hash);
            }
            prefix = (root, proof.MoveToImmutable());
        }
        contradiction = new LedgerContradiction(bytes, first, second, prefix);
        error = "";
        return true;
    }

    private static bool TryReadCheckpoint(JsonElement json, [NotNullWhen(true)] out SignedCheckpoint? signed, ref string error)
    {
        signed = null;
        return json.ValueKind == JsonValueKind.Object && Text(json, "note") is { } note && Text(json, "key") is { } key
            && SignedCheckpoint.TryParse(
                System.Text.Encoding.UTF8.GetBytes(note), System.Text.Encoding.UTF8.GetBytes(key), out signed, out error);
    }

    private static bool TryReadReceipts(
        ReadOnlyMemory<byte> bytes, JsonElement json, JsonElement pair, out LedgerContradiction? contradiction, out string error)
    {
        contradiction = null;
        error = "expected 'receipts' to be two receipts' texts, got something else";
        if (pair.ValueKind != JsonValueKind.Array
            || pair.GetArrayLength() != 2
            || pair[0].ValueKind != JsonValueKind.String
            || pair[1].ValueKind != JsonValueKind.String)
        {
            return false;
        }
        if (!Receipt.TryParse(System.Text.Encoding.UTF8.GetBytes(pair[0].GetString()!), out var first, out _, out error)) return false;
        if (!Receipt.TryParse(System.Text.Encoding.UTF8.GetBytes(pair[1].GetString()!), out var second, out _, out error)) return false;
        EnvelopeHead? head = null;
        if (json.TryGetProperty("head", out var text))
        {
            error = "expected 'head' in base64, got something else";
            if (text.ValueKind != JsonValueKind.String
                || StrictBase64.Decode(System.Text.Encoding.UTF8.GetBytes(text.GetString()!)) is not { } headBytes)
            {
                return false;
            }
            if (!EnvelopeHead.TryParse(headBytes, out head, out _, out error)) return false;
        }
        contradiction = new LedgerContradiction(bytes, first, second, head);
        error = "";
        return true;
    }

    private static LedgerContradiction Write(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream(8 * 1024);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options with { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, Type);
            write(json);
            json.WriteEndObject();
        }
        return TryParse(stream.ToArray(), out var contradiction, out var error) ? contradiction : throw new ArgumentException(error);
    }

    private static void WriteCheckpoints(Utf8JsonWriter json, SignedCheckpoint first, SignedCheckpoint second)
    {
        json.WriteStartArray("checkpoints"u8);
        foreach (var signed in (ReadOnlySpan<SignedCheckpoint>)[first, second])
        {
            json.WriteStartObject();
            json.WriteString("note"u8, signed.Note.Bytes.Span);
            json.WriteString("key"u8, signed.Certificate.Bytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static bool TryDigest(JsonElement json, out Digest digest)
    {
        digest = default;
        return json.ValueKind == JsonValueKind.String
            && StrictBase64.TryDecode(System.Text.Encoding.UTF8.GetBytes(json.GetString()!), out digest);
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

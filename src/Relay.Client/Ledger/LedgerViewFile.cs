using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;

namespace Relay.Client.Ledger;

/// <summary>A <see cref="LedgerView"/> as JSON.</summary>
/// <remarks>
/// <c>{"keys":["..."],"checkpoints":[{"note","key":0,"standing":"linked"|"unlinked"|"refuted"}],"contradictions":["..."]}</c>;
/// <c>key</c> counts into <c>keys</c>, since an hour's checkpoints share one, and a contradiction is its file.
/// </remarks>
internal static class LedgerViewFile
{
    private const int MaxCheckpoints = LedgerView.MaxLinked + LedgerView.MaxUnlinked;

    public static void Write(Utf8JsonWriter json, LedgerView view)
    {
        ArgumentNullException.ThrowIfNull(json);
        var (checkpoints, contradictions) = view.ToKeep();
        var keys = new List<string>();
        // The place of each checkpoint's key in that list; neighbours mostly share one.
        var places = new int[checkpoints.Length];
        for (var i = 0; i < places.Length; i++)
        {
            var key = Encoding.ASCII.GetString(checkpoints[i].Signed.Certificate.Bytes);
            places[i] = keys.LastIndexOf(key);
            if (places[i] >= 0) continue;
            places[i] = keys.Count;
            keys.Add(key);
        }
        json.WriteStartObject();
        json.WriteStartArray("keys"u8);
        foreach (var key in keys) json.WriteStringValue(key);
        json.WriteEndArray();
        json.WriteStartArray("checkpoints"u8);
        for (var i = 0; i < places.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("note"u8, checkpoints[i].Signed.Note.Bytes.Span);
            json.WriteNumber("key"u8, places[i]);
            json.WriteString("standing"u8, NameOf(checkpoints[i].Standing));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("contradictions"u8);
        foreach (var contradiction in contradictions) json.WriteStringValue(contradiction.Bytes.Span);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote into a new view; false when it is anything else.</summary>
    public static bool TryRead(JsonElement json, LedgerView view)
    {
        if (!TryArray(json, "keys", MaxCheckpoints, out var keys)
            || !TryArray(json, "checkpoints", MaxCheckpoints, out var checkpoints)
            || !TryArray(json, "contradictions", LedgerView.MaxContradictions, out var contradictions))
        {
            return false;
        }
        if (keys.Exists(key => key.ValueKind != JsonValueKind.String)) return false;
        var certificates = keys.ConvertAll(key => Encoding.UTF8.GetBytes(key.GetString()!));
        var kept = new List<KeptCheckpoint>(checkpoints.Count);
        foreach (var item in checkpoints)
        {
            if (!TryReadCheckpoint(item, certificates, out var checkpoint)) return false;
            kept.Add(checkpoint);
        }
        var proofs = new List<EvidenceFile>(contradictions.Count);
        foreach (var item in contradictions)
        {
            if (item.ValueKind != JsonValueKind.String) return false;
            if (!EvidenceFile.TryParse(Encoding.UTF8.GetBytes(item.GetString()!), out var proof, out _)) return false;
            proofs.Add(proof);
        }
        return view.TryRestore(kept, proofs);
    }

    private static bool TryReadCheckpoint(
        JsonElement json, List<byte[]> certificates, [NotNullWhen(true)] out KeptCheckpoint? kept)
    {
        kept = null;
        if (json.ValueKind != JsonValueKind.Object) return false;
        if (!json.TryGetProperty("note", out var note) || note.ValueKind != JsonValueKind.String) return false;
        if (!json.TryGetProperty("key", out var key) || key.ValueKind != JsonValueKind.Number) return false;
        if (!key.TryGetInt32(out var index)) return false;
        if (index < 0 || index >= certificates.Count) return false;
        if (!json.TryGetProperty("standing", out var name) || name.ValueKind != JsonValueKind.String) return false;
        if (StandingOf(name.GetString()) is not { } standing) return false;
        if (!SignedCheckpoint.TryParse(Encoding.UTF8.GetBytes(note.GetString()!), certificates[index], out var signed, out _)) return false;
        kept = new KeptCheckpoint(signed, standing);
        return true;
    }

    private static bool TryArray(JsonElement json, string name, int most, [NotNullWhen(true)] out List<JsonElement>? items)
    {
        items = null;
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out var array)) return false;
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > most) return false;
        items = [.. array.EnumerateArray()];
        return true;
    }

    private static string NameOf(CheckpointStanding standing) => standing switch
    {
        CheckpointStanding.Linked => "linked",
        CheckpointStanding.Unlinked => "unlinked",
        CheckpointStanding.Refuted => "refuted",
    };

    private static CheckpointStanding? StandingOf(string? name) => name switch
    {
        "linked" => CheckpointStanding.Linked,
        "unlinked" => CheckpointStanding.Unlinked,
        "refuted" => CheckpointStanding.Refuted,
        _ => null,
    };
}

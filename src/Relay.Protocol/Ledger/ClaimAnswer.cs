using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// What the relay answers to a claim: receipts of the entries that gave its envelopes their keys, and the bundles that the keys are of. It
/// says nothing by itself; who has which key stands in the entries. As read: nothing of it is verified. Immutable.
/// </summary>
/// <remarks>JSON object <c>{"receipts":["text"],"bundles":["compact JWS"]}</c>, further members ignored.</remarks>
public sealed class ClaimAnswer
{
    /// <summary>Longest answer: 4 MiB. One of 100 envelopes that were claimed one by one is some 300 KB.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Receipts of claims, 1 to <see cref="PrekeyClaim.MaxEnvelopes"/>.</summary>
    public required ImmutableArray<ClaimReceipt> Receipts { get; init; }

    /// <summary>The bundles that they name.</summary>
    public required ImmutableArray<PrekeyBundle> Bundles { get; init; }

    /// <summary>
    /// The key of an envelope, by what the receipts say; null when none of them says anything, or the bundle that one names is not here.
    /// A one-time key goes before the session key, with which an earlier claim may have been answered.
    /// </summary>
    public ClaimedKey? KeyOf(EnvelopeId id)
    {
        ClaimedKey? found = null;
        foreach (var receipt in Receipts)
        {
            if (receipt.Entry.KeyOf(id) is not { } key || found is { Id: > 0 }) continue;
            if (Bundles.FirstOrDefault(bundle => bundle.Digest == receipt.Entry.Bundle) is not { } bundle) continue;
            if (key == 0 || bundle.Find(key) is not null) found = new ClaimedKey(bundle, key, receipt);
        }
        return found;
    }

    /// <summary>Writes an answer.</summary>
    /// <param name="receipts">Texts of receipts.</param>
    /// <param name="bundles">Compact texts of bundles.</param>
    public static byte[] Write(IEnumerable<ReadOnlyMemory<byte>> receipts, IEnumerable<ReadOnlyMemory<byte>> bundles)
    {
        ArgumentNullException.ThrowIfNull(receipts);
        ArgumentNullException.ThrowIfNull(bundles);
        using var stream = new MemoryStream(4096);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options))
        {
            json.WriteStartObject();
            WriteTexts(json, "receipts", receipts);
            WriteTexts(json, "bundles", bundles);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Reads an answer. Never throws on bad input.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    /// <param name="answer">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ClaimAnswer? answer, out string error)
    {
        answer = null;
        if (!StrictJsonDocument.TryParse(json, MaxBytes, out var document, out error)) return false;
        using (document)
        {
            var receipts = ImmutableArray.CreateBuilder<ClaimReceipt>();
            foreach (var text in Texts(document.RootElement, "receipts"))
            {
                if (!ClaimReceipt.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var receipt, out _, out error)) return false;
                receipts.Add(receipt);
            }
            var bundles = ImmutableArray.CreateBuilder<PrekeyBundle>();
            foreach (var text in Texts(document.RootElement, "bundles"))
            {
                if (!PrekeyBundle.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var bundle, out _, out error)) return false;
                bundles.Add(bundle);
            }
            error = "expected receipts and bundles, at least one of each, got none";
            if (receipts.Count == 0 || bundles.Count == 0) return false;
            error = "";
            answer = new ClaimAnswer { Receipts = receipts.DrainToImmutable(), Bundles = bundles.DrainToImmutable() };
        }
        return true;
    }

    // Whatever is not a list of at most as many strings as there can be is none.
    private static IEnumerable<string> Texts(JsonElement json, string name)
    {
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out var array)) return [];
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > PrekeyClaim.MaxEnvelopes) return [];
        var items = array.EnumerateArray().ToList();
        return items.All(item => item.ValueKind == JsonValueKind.String) ? items.Select(item => item.GetString()!) : [];
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<ReadOnlyMemory<byte>> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text.Span);
        }

        json.WriteEndArray();
    }
}

/// <summary>A key that a claim was answered with.</summary>
/// <param name="Bundle">Its bundle.</param>
/// <param name="Id">Of the one-time key; 0 for the session key.</param>
/// <param name="Receipt">That of the claim.</param>
public sealed record ClaimedKey(PrekeyBundle Bundle, long Id, ClaimReceipt Receipt)
{
    /// <summary>True for a key that this envelope alone has.</summary>
    public bool IsOneTime => Id > 0;

    /// <summary>The key.</summary>
    public PublicJwk Key => IsOneTime ? Bundle.Find(Id)! : Bundle.Session;
}

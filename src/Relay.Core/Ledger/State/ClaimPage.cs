using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.State;

/// <summary>
/// Which envelopes have been given a one-time key of a delegation's bundle, and of the one before it: so that the same claim again is
/// answered the same. Immutable.
/// </summary>
/// <param name="Negotiation">The negotiation.</param>
/// <param name="PreviousEntry">Ledger index of the bundle before; 0 when there is none, or nobody has a key of it.</param>
/// <param name="Rows">In the order in which they were given, at most <see cref="MaxRows"/>.</param>
/// <remarks>
/// Text: <c>{previous}\n</c>, then for each row <c>{index} {sender}/{lane}/{sequence}\n</c>. Two bundles are remembered: whoever asks again
/// for a key of an older one is given another, which costs the delegation a key and nobody a secret.
/// </remarks>
public sealed record ClaimPage(string Negotiation, long PreviousEntry, ImmutableArray<ClaimRow> Rows)
{
    /// <summary>Most rows: all keys of two bundles.</summary>
    public const int MaxRows = 2 * PrekeyBundle.MaxOneTime;

    /// <summary>The row of an envelope; null when it has no key.</summary>
    public ClaimRow? Find(EnvelopeId id)
    {
        foreach (var row in Rows)
        {
            if (row.Id == id) return row;
        }

        return null;
    }

    /// <summary>Keys that a sender has of the bundle whose entry this is.</summary>
    public int CountOf(string sender, long entry) => Rows.Count(row => row.Entry > entry && row.Id.Sender == sender);

    /// <summary>
    /// The page once the bundle at <paramref name="entry"/> is followed by another; null when there is nothing to remember.
    /// </summary>
    public ClaimPage? After(long entry)
    {
        ImmutableArray<ClaimRow> rows = [.. Rows.Where(row => row.Entry > entry)];
        return rows.IsEmpty ? null : new ClaimPage(Negotiation, entry, rows);
    }

    /// <summary>The text.</summary>
    public byte[] ToBytes()
    {
        var first = string.Create(CultureInfo.InvariantCulture, $"{PreviousEntry}\n");
        return [.. Encoding.ASCII.GetBytes(first), .. ToBytes(Rows)];
    }

    /// <summary>The text of rows.</summary>
    public static byte[] ToBytes(IReadOnlyCollection<ClaimRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var text = new StringBuilder(32 * rows.Count);
        foreach (var (entry, id) in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{entry} {id.Sender}/{id.Lane.ToText()}/{id.Sequence}\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Reads the text; that it is the one that the head names is for its hash to tell. Never throws on bad input.</summary>
    /// <param name="negotiation">The negotiation.</param>
    /// <param name="bytes">The whole text.</param>
    /// <param name="page">Null when false.</param>
    public static bool TryRead(string negotiation, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ClaimPage? page)
    {
        page = null;
        var lines = Encoding.ASCII.GetString(bytes).Split('\n');
        if (lines.Length < 2 || lines.Length > MaxRows + 2 || lines[^1].Length > 0 || !TryIndex(lines[0], out var previous)) return false;
        var rows = ImmutableArray.CreateBuilder<ClaimRow>(lines.Length - 2);
        foreach (var line in lines[1..^1])
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0 || !TryIndex(line[..space], out var entry)) return false;
            if (!EnvelopeId.TryParse($"{negotiation}/{line[(space + 1)..]}", out var id)) return false;
            rows.Add(new ClaimRow(entry, id));
        }

        page = new ClaimPage(negotiation, previous, rows.DrainToImmutable());
        return true;
    }

    private static bool TryIndex(string text, out long index) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index);
}

/// <summary>An envelope that has a one-time key.</summary>
/// <param name="Entry">Ledger index of the claim's entry, which says which.</param>
/// <param name="Id">The envelope.</param>
public readonly record struct ClaimRow(long Entry, EnvelopeId Id);

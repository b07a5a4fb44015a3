using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>An envelope that arrived with a receipt that held; what an audit compares with the ledger. One line of text.</summary>
/// <param name="Index">Ledger index by its receipt.</param>
/// <param name="Id">Envelope id.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Previous">Its <c>prev</c>; null for the first of a stream.</param>
/// <param name="Seen">What its sender had seen of the ledger; null when it did not say.</param>
public sealed record ArrivalRecord(long Index, EnvelopeId Id, Digest Digest, Digest? Previous, SeenCheckpoint? Seen)
{
    /// <summary><c>{index} {id} {digest} {previous or -}</c>, then <c> {size} {root}</c> of what was seen; without a newline.</summary>
    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Index} {Id} {Digest} {Previous?.ToString() ?? "-"}");
        return Seen is null ? text : string.Create(CultureInfo.InvariantCulture, $"{text} {Seen.Size} {Seen.Root}");
    }

    /// <summary>Reads a line; false when it is anything else.</summary>
    public static bool TryParse(string line, [NotNullWhen(true)] out ArrivalRecord? record)
    {
        ArgumentNullException.ThrowIfNull(line);
        record = null;
        var parts = line.Split(' ');
        if (parts.Length is not (4 or 6) || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return false;
        }
        if (!EnvelopeId.TryParse(parts[1], out var id) || !Digest.TryParse(parts[2], out var digest)) return false;
        Digest? previous = null;
        if (parts[3] != "-")
        {
            if (!Digest.TryParse(parts[3], out var read)) return false;
            previous = read;
        }
        SeenCheckpoint? seen = null;
        if (parts.Length == 6)
        {
            if (!long.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                || !Digest.TryParse(parts[5], out var root))
            {
                return false;
            }
            seen = new SeenCheckpoint(size, root);
        }
        record = new ArrivalRecord(index, id, digest, previous, seen);
        return true;
    }
}

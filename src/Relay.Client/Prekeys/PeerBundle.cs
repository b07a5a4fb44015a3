using System.Globalization;
using System.Text;
using Relay.Protocol.Ledger;

namespace Relay.Client.Prekeys;

/// <summary>The newest bundle seen of another delegation: older ones are refused from then on. Immutable.</summary>
/// <param name="Bundle">The bundle.</param>
/// <param name="Index">Ledger index of the first claim seen that names it: what stands before it may name an older one.</param>
internal sealed record PeerBundle(PrekeyBundle Bundle, long Index)
{
    public byte[] ToBytes() =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Index}\n{Encoding.ASCII.GetString(Bundle.Bytes.Span)}\n"));

    public static PeerBundle? Parse(byte[] bytes)
    {
        var lines = Encoding.ASCII.GetString(bytes).Split('\n');
        return lines.Length == 3
            && long.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && PrekeyBundle.TryParse(Encoding.ASCII.GetBytes(lines[1]), out var bundle, out _, out _)
            ? new PeerBundle(bundle, index)
            : null;
    }
}

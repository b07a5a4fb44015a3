using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// What a ledger commits to: the root of its tree at a size. The text of a note; without a verified signature it is a claim of nobody.
/// </summary>
/// <param name="Origin">Name of the log, 1 to <see cref="MaxOriginLength"/>
/// characters; of a relay's ledger <c>{relay name}/{negotiation}</c>.</param>
/// <param name="Size">Entries, 0 to <see cref="MerkleHash.MaxSize"/>.</param>
/// <param name="Root">Root hash at that size.</param>
/// <remarks>
/// C2SP tlog-checkpoint, section "Note text". Extension lines are refused: nobody here writes them, and nobody can audit what they say.
/// </remarks>
public sealed record Checkpoint(string Origin, long Size, Digest Root)
{
    /// <summary>Longest origin: 255 characters of printable ASCII.</summary>
    public const int MaxOriginLength = 255;

    /// <summary>Reads the three lines of a checkpoint's text.</summary>
    /// <param name="text">The text of a note, its last newline included.</param>
    /// <param name="checkpoint">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out Checkpoint? checkpoint, out string error)
    {
        checkpoint = null;
        var lines = new LineReader(text);
        if (!lines.TryNext(out var origin) || !IsOrigin(origin))
        {
            error = $"expected an origin of 1 to {MaxOriginLength} printable characters without space and '+', got {Excerpt.Of(origin)}";
            return false;
        }
        if (!lines.TryNext(out var sizeText) || !StrictDecimal.TryParse(sizeText, MerkleHash.MaxSize, out var size))
        {
            error = $"expected a size from 0 to {MerkleHash.MaxSize}, got {Excerpt.Of(sizeText)}";
            return false;
        }
        if (!lines.TryNext(out var rootText) || !StrictBase64.TryDecode(rootText, out var root))
        {
            error = $"expected a root of {StrictBase64.DigestLength} base64 characters, got {Excerpt.Of(rootText)}";
            return false;
        }
        if (!lines.IsAtEnd)
        {
            error = "expected three lines, got an extension line or no last newline";
            return false;
        }
        if (size == 0 && root != MerkleHash.Empty)
        {
            error = "expected the empty tree's root at size 0, got another";
            return false;
        }
        checkpoint = new Checkpoint(System.Text.Encoding.ASCII.GetString(origin), size, root);
        error = "";
        return true;
    }

    /// <summary>The text to sign: three lines, each with its newline.</summary>
    /// <exception cref="InvalidOperationException">Origin or size breaks its rule.</exception>
    public byte[] ToBytes()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{StrictBase64.Encode(Root)}\n");
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return TryParse(bytes, out _, out var error) ? bytes : throw new InvalidOperationException(error);
    }

    /// <summary>True for an origin as above: printable ASCII without space and <c>+</c>, so that it can name a note's key.</summary>
    public static bool IsOrigin(ReadOnlySpan<byte> origin) =>
        origin.Length is > 0 and <= MaxOriginLength
            && !origin.ContainsAnyExceptInRange((byte)'!', (byte)'~')
            && !origin.Contains((byte)'+');
}

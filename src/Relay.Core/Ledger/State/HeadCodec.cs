using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.State;

/// <summary>
/// The head as stored: a signed note whose text is the line <c>relay head v2</c>, the origin, and one line of JSON; behind the note, where
/// the JSON names its digest, a <see cref="StagedCommit"/>.
/// </summary>
/// <remarks>
/// The JSON is read by the platform's parser and then held against the one text of
/// what was read: a member too many, a repeated one, another order, white space or
/// another spelling of a number does not survive that. What has been read
/// is well formed; who signed it is for <see cref="Keys.HeadVerifier"/>.
/// </remarks>
public static class HeadCodec
{
    private static readonly byte[] Behind = [(byte)'\n', .. StagedCommit.Magic];

    /// <summary>The text to sign.</summary>
    public static byte[] WriteText(LedgerHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return HeadWriter.WriteText(head);
    }

    /// <summary>The blob: the signed note, and what is staged behind it.</summary>
    /// <param name="note">The note of <see cref="WriteText"/>.</param>
    /// <param name="staged">The head's.</param>
    public static byte[] WriteBlob(SignedNote note, StagedCommit? staged)
    {
        ArgumentNullException.ThrowIfNull(note);
        var blob = new byte[note.Bytes.Length + (staged?.Length ?? 0)];
        note.Bytes.Span.CopyTo(blob);
        staged?.CopyTo(blob.AsSpan(note.Bytes.Length));
        return blob;
    }

    /// <summary>Reads a head without verifying a signature. Never throws on bad input.</summary>
    /// <param name="bytes">The whole blob; kept, so it must not change afterwards.</param>
    /// <param name="head">Null when false.</param>
    /// <param name="note">The note; null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryRead(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out LedgerHead? head, [NotNullWhen(true)] out SignedNote? note, out string error)
    {
        head = null;
        var signed = NoteOf(bytes);
        if (!SignedNote.TryParse(signed, out note, out error)) return false;
        head = ReadText(note.Text, bytes[signed.Length..], out error);
        if (head is null) note = null;
        return head is not null;
    }

    /// <summary>Of a head's bytes those of its note, which has the state; what is staged comes after it.</summary>
    public static ReadOnlyMemory<byte> NoteOf(ReadOnlyMemory<byte> bytes)
    {
        // No line of a note begins as what is staged does: a note's text has three lines, and its signatures begin with a dash.
        var line = bytes.Span.IndexOf(Behind);
        return line < 0 ? bytes : bytes[..(line + 1)];
    }

    private static LedgerHead? ReadText(ReadOnlyMemory<byte> text, ReadOnlyMemory<byte> behind, out string error)
    {
        error = "expected the lines 'relay head v2', an origin and JSON, got something else";
        var version = HeadWriter.VersionLine;
        if (!text.Span.StartsWith(version) || text.Length <= version.Length || text.Span[version.Length] != (byte)'\n') return null;
        var rest = text[(version.Length + 1)..];
        var end = rest.Span.IndexOf((byte)'\n');
        if (end < 0 || !Checkpoint.IsOrigin(rest.Span[..end])) return null;
        var origin = System.Text.Encoding.ASCII.GetString(rest.Span[..end]);
        try
        {
            using var json = JsonDocument.Parse(rest[(end + 1)..]);
            var reader = new HeadReader(json.RootElement, behind);
            var head = reader.Read(origin);
            error = reader.Error;
            if (head is null) return null;
            if (WriteText(head).AsSpan().SequenceEqual(text.Span)) return head;
            error = "expected the one text of this head, got another spelling of it";
            return null;
        }
        catch (JsonException)
        {
            error = "expected JSON in the third line, got something else";
            return null;
        }
    }
}

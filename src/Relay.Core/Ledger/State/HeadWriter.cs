using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.State;

/// <summary>Writes the text of a head: the one text of its value.</summary>
internal static class HeadWriter
{
    // No white space and no escape that RFC 8259 does not ask for: '+' of base64 stays one character.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const int MostKept = 64 * 1_024;

    // Each commit writes one, and most are of one length.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _text;

    /// <summary>First line.</summary>
    public static ReadOnlySpan<byte> VersionLine => "relay head v2"u8;

    public static byte[] WriteText(LedgerHead head)
    {
        var text = _text ??= new ArrayBufferWriter<byte>(4_096);
        text.ResetWrittenCount();
        text.Write(VersionLine);
        text.Write("\n"u8);
        text.Write(System.Text.Encoding.ASCII.GetBytes(head.Origin));
        text.Write("\n"u8);
        using (var json = new Utf8JsonWriter(text, Options))
        {
            WriteMembers(json, head);
        }

        text.Write("\n"u8);
        var written = text.WrittenSpan.ToArray();
        if (text.Capacity > MostKept) _text = null;
        return written;
    }

    private static void WriteMembers(Utf8JsonWriter json, LedgerHead head)
    {
        var state = head.State;
        json.WriteStartObject();
        json.WriteNumber("commit"u8, state.Commit);
        json.WriteNumber("size"u8, state.Size);
        WriteDigest(json, "root"u8, state.Range.Root());
        json.WriteBase64String("range"u8, state.Range.ToBytes());
        json.WriteNumber("at"u8, state.At.ToUnixTimeMilliseconds());
        json.WriteStartObject("policy"u8);
        json.WriteNumber("version"u8, state.Policy.Version);
        WriteDigest(json, "digest"u8, state.Policy.Digest);
        json.WriteEndObject();
        json.WriteStartArray("streams"u8);
        foreach (var stream in state.Streams)
        {
            WriteStream(json, stream);
        }

        json.WriteEndArray();
        json.WriteStartArray("outstanding"u8);
        foreach (var entry in state.Outstanding)
        {
            WriteOutstanding(json, entry);
        }

        json.WriteEndArray();
        WritePrekeys(json, state);
        WriteDue(json, state.Due);
        // Not there while it is open, as before there were modes.
        if (state.Mode != NegotiationMode.Open) json.WriteString("mode"u8, state.Mode.ToText());
        if (head.Staged is null) json.WriteNull("staged"u8);
        else WriteDigest(json, "staged"u8, head.Staged.Digest);
        json.WriteBase64String("checkpoint"u8, head.Checkpoint.Bytes.Span);
        json.WriteString("certificate"u8, head.Certificate.Bytes);
        json.WriteEndObject();
    }

    private static void WriteStream(Utf8JsonWriter json, StreamState stream)
    {
        json.WriteStartObject();
        json.WriteString("sender"u8, stream.Sender);
        json.WriteString("lane"u8, stream.Lane.ToText());
        json.WriteNumber("last"u8, stream.Last);
        WriteDigest(json, "digest"u8, stream.Digest);
        WriteDigest(json, "chunk"u8, stream.Chunk);
        json.WriteStartArray("held"u8);
        foreach (var held in stream.Held)
        {
            json.WriteStartArray();
            json.WriteNumberValue(held.Sequence);
            json.WriteStringValue(held.Digest.ToString());
            json.WriteStringValue(held.Blob.ToString());
            json.WriteNumberValue(held.ExpiresAt.ToUnixTimeSeconds());
            json.WriteEndArray();
        }

        json.WriteEndArray();
        WriteDue(json, stream.Due);
        json.WriteEndObject();
    }

    // Not there at all where nothing is ahead of its rate, which is most of the time.
    private static void WriteDue(Utf8JsonWriter json, long due)
    {
        if (due > 0) json.WriteNumber("due"u8, due);
    }

    private static void WriteOutstanding(Utf8JsonWriter json, OutstandingEntry entry)
    {
        json.WriteStartArray();
        json.WriteNumberValue(entry.Index);
        if (entry.Released is null) json.WriteNumberValue(entry.Count);
        json.WriteNumberValue(entry.ExpiresAt.ToUnixTimeSeconds());
        if (entry.Released is { } released)
        {
            json.WriteNumberValue(released.Stream);
            json.WriteNumberValue(released.Sequence);
            json.WriteStringValue(released.Blob.ToString());
        }

        json.WriteEndArray();
    }

    // Not there at all before the first bundle.
    private static void WritePrekeys(Utf8JsonWriter json, LedgerState state)
    {
        if (state.Prekeys.IsEmpty) return;
        json.WriteStartArray("prekeys"u8);
        foreach (var bundle in state.Prekeys)
        {
            json.WriteStartArray();
            json.WriteStringValue(bundle.Delegation);
            json.WriteNumberValue(bundle.Number);
            json.WriteStringValue(bundle.Bundle.ToString());
            json.WriteNumberValue(bundle.First);
            json.WriteNumberValue(bundle.Count);
            json.WriteNumberValue(bundle.Left);
            json.WriteNumberValue(bundle.ExpiresAt.ToUnixTimeSeconds());
            json.WriteNumberValue(bundle.Entry);
            json.WriteNumberValue(bundle.Last);
            json.WriteNumberValue(bundle.Rows);
            json.WriteStringValue(bundle.Claims.ToString());
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteDigest(Utf8JsonWriter json, ReadOnlySpan<byte> name, in Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        Span<byte> text = stackalloc byte[Digest.TextLength];
        digest.CopyTo(bytes);
        Base64Url.EncodeToUtf8(bytes, text);
        json.WriteString(name, text);
    }
}

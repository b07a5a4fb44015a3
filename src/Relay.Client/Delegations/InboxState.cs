using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Client.Ledger;

namespace Relay.Client.Delegations;

/// <summary>
/// What a delegation has to keep about one negotiation so that neither a restart nor the relay
/// can make it forget: the checkpoints it has verified and what it has received of each
/// stream. The caller puts <see cref="ToBytes"/> where it is safe, whole or not at all.
/// </summary>
public sealed class InboxState
{
    private const int MaxDepth = 8;

    private InboxState(LedgerView view, StreamTracker streams)
    {
        View = view;
        Streams = streams;
    }

    /// <summary>Checkpoints seen.</summary>
    public LedgerView View { get; }

    /// <summary>Envelopes received.</summary>
    public StreamTracker Streams { get; }

    /// <summary>Nothing seen yet.</summary>
    /// <param name="origin">Origin of the ledger, <c>{relay name}/{negotiation}</c>.</param>
    public static InboxState Create(string origin) => new(new LedgerView(origin), new StreamTracker());

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="origin">Origin of the ledger.</param>
    /// <param name="state">Null when false.</param>
    /// <returns>False when it is anything else: then something is wrong with the disk,
    /// and starting anew would forget what protects from a rollback.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, string origin, [NotNullWhen(true)] out InboxState? state)
    {
        state = null;
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
            var read = Create(origin);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return false;
            if (!document.RootElement.TryGetProperty("ledger", out var ledger) || !LedgerViewFile.TryRead(ledger, read.View)) return false;
            if (!document.RootElement.TryGetProperty("streams", out var streams) || !read.Streams.TryRead(streams)) return false;
            state = read;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The state as JSON: what was settled, not what is still being handled.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream(16 * 1024);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WritePropertyName("ledger"u8);
            LedgerViewFile.Write(json, View);
            json.WritePropertyName("streams"u8);
            Streams.Write(json);
            json.WriteEndObject();
        }
        return stream.ToArray();
    }
}

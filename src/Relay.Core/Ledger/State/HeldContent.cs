using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.State;

/// <summary>A held envelope's blob: one line of JSON with what was decided about it when it came, then its wire bytes. Immutable.</summary>
/// <param name="Counted">Places of the signatures that counted, by the name of their mediator.</param>
/// <param name="Policy">The document it was judged by.</param>
/// <param name="Wire">The bytes as they came.</param>
/// <remarks><c>{"counted":[1,0],"policy":"{digest, base64url}","version":7}</c>, newline, JWS.</remarks>
public sealed record HeldContent(ImmutableArray<int> Counted, PolicyState Policy, ReadOnlyMemory<byte> Wire)
{
    private const int MaxLine = 4 * 1_024;

    /// <summary>The blob's content.</summary>
    public byte[] ToBytes()
    {
        var content = new ArrayBufferWriter<byte>(Wire.Length + 256);
        using (var json = new Utf8JsonWriter(content))
        {
            json.WriteStartObject();
            json.WriteStartArray("counted"u8);
            foreach (var place in Counted)
            {
                json.WriteNumberValue(place);
            }

            json.WriteEndArray();
            json.WriteString("policy"u8, Policy.Digest.ToString());
            json.WriteNumber("version"u8, Policy.Version);
            json.WriteEndObject();
        }

        content.Write("\n"u8);
        content.Write(Wire.Span);
        return content.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads a blob's content; whether it is the one that the head names is for its hash to tell. Never throws on bad input.
    /// </summary>
    /// <param name="bytes">The whole content; <see cref="Wire"/> is a slice of it.</param>
    /// <param name="content">Null when false.</param>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out HeldContent? content)
    {
        content = null;
        var end = bytes.Span[..Math.Min(bytes.Length, MaxLine)].IndexOf((byte)'\n');
        if (end < 0 || !System.Text.Ascii.IsValid(bytes.Span[..end])) return false;
        try
        {
            using var json = JsonDocument.Parse(bytes[..end]);
            content = Read(json.RootElement, bytes[(end + 1)..]);
        }
        catch (JsonException)
        {
            return false;
        }

        if (content is not null && content.ToBytes().AsSpan().SequenceEqual(bytes.Span)) return true;
        content = null;
        return false;
    }

    private static HeldContent? Read(JsonElement json, ReadOnlyMemory<byte> wire)
    {
        if (json.ValueKind != JsonValueKind.Object
            || !json.TryGetProperty("counted", out var places)
            || places.ValueKind != JsonValueKind.Array)
        {
            return null;
        }
        if (!json.TryGetProperty("policy", out var policy) || policy.ValueKind != JsonValueKind.String) return null;
        if (!json.TryGetProperty("version", out var version)
            || version.ValueKind != JsonValueKind.Number
            || !version.TryGetInt64(out var number))
        {
            return null;
        }
        if (number is < 1 or > EnvelopeId.MaxSequence || places.GetArrayLength() is 0 or > EnvelopeLimits.MaxSignatures) return null;
        var counted = ImmutableArray.CreateBuilder<int>();
        foreach (var item in places.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out var place)) return null;
            if (place is < 0 or >= EnvelopeLimits.MaxSignatures || counted.Contains(place)) return null;
            counted.Add(place);
        }

        return Digest.TryParse(policy.GetRawText()[1..^1], out var digest)
            ? new HeldContent(counted.DrainToImmutable(), new PolicyState(number, digest), wire)
            : null;
    }
}

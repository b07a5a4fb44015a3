using System.Text.Json;
using Relay.Client.Delegations;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Cli.Targets;

/// <summary>Where a sender's stream stands: the sequence and digest of its last envelope, kept beside the sender's keys.</summary>
internal sealed class StreamFile
{
    private readonly string _path;

    private StreamFile(string path, StreamPosition position)
    {
        _path = path;
        Position = position;
    }

    /// <summary>Where the stream stands.</summary>
    public StreamPosition Position { get; private set; }

    public static StreamFile Read(string stateFolder, StreamId stream)
    {
        var path = Path.Combine(stateFolder, "delegations", stream.Sender, "streams", $"{stream.Negotiation}-{stream.Lane.ToText()}.json");
        if (!File.Exists(path))
        {
            return new StreamFile(path, StreamPosition.Start);
        }

        try
        {
            var state = JsonSerializer.Deserialize<State>(File.ReadAllBytes(path));
            if (state is { Sequence: > 0 } && Digest.TryParse(state.Digest, out var last))
            {
                return new StreamFile(path, new StreamPosition(state.Sequence, last));
            }
        }
        catch (JsonException)
        {
            // Said below, as any other content that is not a stream's state.
        }

        throw new CliFault($"{path} does not say where the stream stands.", "Expected {\"Sequence\":n,\"Digest\":\"...\"} of the last envelope sent; delete it only if none ever was.");
    }

    /// <summary>Moves the stream on to <paramref name="payload"/>; on disk before it returns.</summary>
    public void Advance(EnvelopePayload payload)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        PrivateFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(new State(payload.Id.Sequence, payload.Digest.ToString())));
        Position = StreamPosition.After(payload);
    }

    private sealed record State(long Sequence, string Digest);
}

using System.Text.Json;
using Relay.Client.Delegations;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Cli.Signing;

/// <summary>
/// Where a sender's stream stands, and a copy of every envelope made, kept beside the
/// sender's keys: what was promised at signing can be handed over again. Change it only under
/// <see cref="LockAsync"/>.
/// </summary>
/// <remarks>
/// A copy is on disk before the position that counts it, and the position before the envelope
/// leaves. A copy beyond the position never left, and the next envelope takes its place.
/// </remarks>
internal sealed class StreamFile
{
    private readonly string _path;
    private readonly string _copies;

    private StreamFile(string stateFolder, StreamId stream)
    {
        StateFolder = stateFolder;
        Stream = stream;
        var folder = Path.Combine(stateFolder, "delegations", stream.Sender, "streams");
        var name = $"{stream.Negotiation}-{stream.Lane.ToText()}";
        _path = Path.Combine(folder, name + ".json");
        _copies = Path.Combine(folder, name);
    }

    public string StateFolder { get; }

    public StreamId Stream { get; }

    /// <summary>What the next envelope continues.</summary>
    public StreamPosition Position { get; private set; }

    /// <summary>
    /// The highest sequence ever made. Above the position's it is what has
    /// to be made again, because it continues an envelope that was replaced.
    /// </summary>
    public long Made { get; private set; }

    /// <summary>The first sequence that has to be made again before anything new; null when none has.</summary>
    public long? Redo => Made > Position.Sequence ? Position.Sequence + 1 : null;

    public static Task<StreamLock> LockAsync(string stateFolder, StreamId stream, TimeProvider time, CancellationToken cancellationToken) =>
        StreamLock.TakeAsync(Path.ChangeExtension(new StreamFile(stateFolder, stream)._path, ".lock"), time, cancellationToken);

    /// <exception cref="CliFault">It is there and cannot be read.</exception>
    public static StreamFile Read(string stateFolder, StreamId stream)
    {
        var file = new StreamFile(stateFolder, stream);
        if (!File.Exists(file._path))
        {
            return file;
        }

        try
        {
            var state = JsonSerializer.Deserialize<State>(File.ReadAllBytes(file._path));
            if (state is { Sequence: > 0 } && Digest.TryParse(state.Digest, out var last))
            {
                file.Position = new StreamPosition(state.Sequence, last);
                file.Made = Math.Max(state.Sequence, state.Made);
                return file;
            }
        }
        catch (JsonException)
        {
            // Said below, as any other content that is not a stream's state.
        }

        throw new CliFault(
            $"{file._path} does not say where the stream stands.",
            "Expected {\"Sequence\":n,\"Digest\":\"...\"} of the last envelope sent; delete it only if none ever was.");
    }

    /// <summary>The copy of an envelope; null when none is kept.</summary>
    /// <exception cref="CliFault">It is there and is not that envelope.</exception>
    public Envelope? Find(long sequence)
    {
        var path = PathOf(sequence);
        if (!File.Exists(path)) return null;
        return Envelope.TryParse(File.ReadAllBytes(path), EnvelopeLimits.Default, out var envelope, out _, out _)
            && envelope.Id == IdOf(sequence)
            ? envelope
            : throw new CliFault(
                $"{path} is not envelope {IdOf(sequence)}.",
                "Restore it from a copy, or delete it and make the envelope again with --text or --file.");
    }

    public EnvelopeId IdOf(long sequence) => new(Stream.Negotiation, Stream.Sender, Stream.Lane, sequence);

    /// <summary>Keeps a copy in place of an older one of that sequence; on disk before it returns.</summary>
    public void Keep(Envelope envelope)
    {
        PrivateFile.CreateFolder(_copies);
        PrivateFile.Write(PathOf(envelope.Id.Sequence), envelope.Wire.Span);
    }

    /// <summary>
    /// Keeps an envelope and moves the stream to it; on disk before it returns.
    /// From a sequence made before, everything after it has to be made again.
    /// </summary>
    public void Advance(Envelope envelope)
    {
        Keep(envelope);
        var made = Math.Max(Made, envelope.Id.Sequence);
        PrivateFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(new State(envelope.Id.Sequence, envelope.Digest.ToString(), made)));
        Position = StreamPosition.After(envelope.Head);
        Made = made;
    }

    private string PathOf(long sequence) =>
        Path.Combine(_copies, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{sequence}.json"));

    private sealed record State(long Sequence, string Digest, long Made = 0);
}

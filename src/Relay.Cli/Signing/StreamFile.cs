using Relay.Client.Delegations;
using Relay.Client.Files;
using Relay.Client.Storage;
using Relay.Protocol.Envelopes;

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
    private StreamRecord _record;

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

    /// <inheritdoc cref="StreamRecord.Position"/>
    public StreamPosition Position => _record.Position;

    /// <inheritdoc cref="StreamRecord.Made"/>
    public long Made => _record.Made;

    /// <inheritdoc cref="StreamRecord.Redo"/>
    public long? Redo => _record.Redo;

    /// <exception cref="CliFault">Another process kept it for minutes, or its file cannot be opened.</exception>
    public static async Task<FileLock> LockAsync(
        string stateFolder, StreamId stream, TimeProvider time, CancellationToken cancellationToken)
    {
        var path = Path.ChangeExtension(new StreamFile(stateFolder, stream)._path, ".lock");
        try
        {
            return await FileLock.TakeAsync(path, time, cancellationToken);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new CliFault(
                $"{path} cannot be written: {exception.Message}", "The state folder has to be yours, and writable.", exception);
        }
        catch (TimeoutException exception)
        {
            throw new CliFault(exception.Message, "Wait for it, or end it: the lock goes with it.", exception);
        }
    }

    /// <exception cref="CliFault">It is there and cannot be read.</exception>
    public static StreamFile Read(string stateFolder, StreamId stream)
    {
        var file = new StreamFile(stateFolder, stream);
        if (!File.Exists(file._path) || StreamRecord.TryParse(File.ReadAllBytes(file._path), out file._record)) return file;
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
        var record = new StreamRecord(StreamPosition.After(envelope.Head), Math.Max(Made, envelope.Id.Sequence));
        PrivateFile.Write(_path, record.ToBytes());
        _record = record;
    }

    private string PathOf(long sequence) =>
        Path.Combine(_copies, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{sequence}.json"));
}

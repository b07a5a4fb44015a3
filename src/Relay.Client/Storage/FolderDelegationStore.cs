using System.Globalization;
using System.Text;
using Relay.Client.Delegations;
using Relay.Client.Files;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Storage;

/// <summary>
/// A delegation's store in a folder of its own, which nobody else may read: <c>streams/</c> and <c>inbox/</c>, in the layout of the
/// command line's state folder. Safe for concurrent use, also by several processes.
/// </summary>
/// <remarks>
/// A copy is on disk before the position that counts it, and the position before the envelope leaves. A copy beyond the position never
/// left, and the next envelope takes its place.
/// </remarks>
/// <param name="folder">The folder; made when it is not there.</param>
/// <param name="time">The clock.</param>
public sealed class FolderDelegationStore(string folder, TimeProvider time) : IDelegationStore
{
    // Held while an inbox's files are written: arrivals and the receipts of acknowledgements come side by side.
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public async ValueTask<IDisposable> LockStreamAsync(StreamId stream, CancellationToken cancellationToken) =>
        await FileLock.TakeAsync(StreamPath(stream) + ".lock", time, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<StreamPosition> ReadPositionAsync(StreamId stream, CancellationToken cancellationToken)
    {
        var record = ReadStream(stream);
        if (record.Redo is { } redo)
        {
            throw new InvalidOperationException(
                $"Expected a stream that may go on, {redo} to {record.Made} of {stream} continue an envelope that was made again: make "
                    + "them again in order first.");
        }
        return ValueTask.FromResult(record.Position);
    }

    /// <inheritdoc/>
    public ValueTask AdvanceAsync(SealedEnvelope made, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(made);
        var before = ReadStream(made.Id.Stream);
        PrivateFile.CreateFolder(StreamPath(made.Id.Stream));
        PrivateFile.Write(CopyPath(made.Id), SealedCopy.Write(made));
        var record = new StreamRecord(StreamPosition.After(made.Head), Math.Max(before.Made, made.Id.Sequence));
        PrivateFile.Write(StreamPath(made.Id.Stream) + ".json", record.ToBytes());
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask KeepAsync(Envelope signed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signed);
        PrivateFile.CreateFolder(StreamPath(signed.Id.Stream));
        PrivateFile.Write(CopyPath(signed.Id), signed.Wire.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<SealedEnvelope?> FindSealedAsync(EnvelopeId id, CancellationToken cancellationToken)
    {
        if (await ReadAsync(CopyPath(id), cancellationToken).ConfigureAwait(false) is not { } bytes) return null;
        return SealedCopy.TryRead(bytes, out var envelope) && envelope.Id == id
            ? envelope
            : throw Unreadable(CopyPath(id), $"envelope {id}");
    }

    /// <inheritdoc/>
    public ValueTask<IDisposable> LockInboxAsync(string negotiation, CancellationToken cancellationToken)
    {
        var path = InboxPath(negotiation) + ".lock";
        return FileLock.TryTake(path, out var taken)
            ? ValueTask.FromResult<IDisposable>(taken)
            : throw new InvalidOperationException(
                $"Expected to be the only reader of {negotiation} in {folder}, another process has {path}: two would share what comes.");
    }

    /// <inheritdoc/>
    public async ValueTask<InboxState> ReadInboxAsync(string negotiation, string origin, CancellationToken cancellationToken)
    {
        var path = InboxPath(negotiation) + ".json";
        if (await ReadAsync(path, cancellationToken).ConfigureAwait(false) is not { } bytes) return InboxState.Create(origin);
        return InboxState.TryParse(bytes, origin, out var state) ? state : throw Unreadable(path, $"what has been seen of {origin}");
    }

    /// <inheritdoc/>
    public ValueTask SaveInboxAsync(string negotiation, InboxState state, ArrivalRecord? arrival, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        var path = InboxPath(negotiation);
        lock (_gate)
        {
            PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
            if (arrival is not null) PrivateFile.Append(path + ".arrived", Encoding.ASCII.GetBytes($"\n{arrival}\n"));
            PrivateFile.Write(path + ".json", state.ToBytes());
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ArrivalRecord>> ReadArrivalsAsync(string negotiation, CancellationToken cancellationToken)
    {
        var path = InboxPath(negotiation) + ".arrived";
        if (await ReadAsync(path, cancellationToken).ConfigureAwait(false) is not { } bytes) return [];
        var records = new List<ArrivalRecord>();
        var lines = Encoding.ASCII.GetString(bytes).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0) continue;
            if (ArrivalRecord.TryParse(lines[i], out var record)) records.Add(record);
            // A kill may cut the line that was last then; its envelope was not completed and came again. A whole one ends with a line end,
            // and the next begins with one: an empty line follows it.
            else if (i < lines.Length - 1 && lines[i + 1].Length == 0)
            {
                throw Unreadable(path, $"an arrival in line {(i + 1).ToString(CultureInfo.InvariantCulture)}");
            }
        }
        return records;
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> ReadUnsentAsync(string negotiation, CancellationToken cancellationToken) =>
        await ReadAsync(InboxPath(negotiation) + ".unsent", cancellationToken).ConfigureAwait(false) ?? [];

    /// <inheritdoc/>
    public ValueTask SaveUnsentAsync(string negotiation, ReadOnlyMemory<byte> unsent, CancellationToken cancellationToken)
    {
        var path = InboxPath(negotiation) + ".unsent";
        PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
        PrivateFile.Write(path, unsent.Span);
        return ValueTask.CompletedTask;
    }

    private StreamRecord ReadStream(StreamId stream)
    {
        var path = StreamPath(stream) + ".json";
        if (!File.Exists(path)) return default;
        return StreamRecord.TryParse(File.ReadAllBytes(path), out var record)
            ? record
            : throw Unreadable(path, "where the stream stands; delete it only if no envelope ever left");
    }

    private string StreamPath(StreamId stream) => Path.Combine(folder, "streams", $"{stream.Negotiation}-{stream.Lane.ToText()}");

    private string CopyPath(EnvelopeId id) =>
        Path.Combine(StreamPath(id.Stream), id.Sequence.ToString(CultureInfo.InvariantCulture) + ".json");

    private string InboxPath(string negotiation) => RelayName.IsValid(negotiation)
        ? Path.Combine(folder, "inbox", negotiation)
        : throw new ArgumentException($"Expected a negotiation's name, got '{negotiation}'.", nameof(negotiation));

    private static async ValueTask<byte[]?> ReadAsync(string path, CancellationToken cancellationToken) =>
        File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false) : null;

    private static InvalidDataException Unreadable(string path, string expected) =>
        new($"Expected {path} to hold {expected}, it does not. Restore it from a copy.");
}

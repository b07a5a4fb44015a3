using System.Buffers.Binary;

namespace Emulator.Conformance.ServiceBus;

/// <summary>SQLite's write-ahead log as a power cut may leave it: what came after the last commit is torn.</summary>
/// <remarks>
/// sqlite.org/fileformat2.html, section 4: a header of 32 bytes, then frames of
/// 24 bytes and a page; a commit frame says how many pages the database has.
/// </remarks>
internal static class WriteAheadLog
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;

    /// <summary>Cuts the log at a random byte after its last commit, or writes noise there.</summary>
    /// <returns>Bytes that were there after the last commit.</returns>
    public static long Tear(string folder, Random random)
    {
        var path = Directory.GetFiles(folder, "*-wal").SingleOrDefault();
        if (path is null) return 0;
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        var committed = EndOfLastCommit(file);
        var torn = file.Length - committed;
        file.SetLength(committed + (torn == 0 ? 0 : random.NextInt64(torn + 1)));
        if (random.Next(2) == 0)
        {
            var noise = new byte[random.Next(1, 10_000)];
            random.NextBytes(noise);
            file.Position = file.Length;
            file.Write(noise);
        }

        return torn;
    }

    private static long EndOfLastCommit(FileStream file)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes) return file.Length;
        var frameBytes = FrameHeaderBytes + BinaryPrimitives.ReadInt32BigEndian(header[8..]);
        var salts = header[16..24];
        Span<byte> frame = stackalloc byte[FrameHeaderBytes];
        long committed = HeaderBytes;
        for (var at = committed; at + frameBytes <= file.Length; at += frameBytes)
        {
            file.Position = at;
            file.ReadExactly(frame);

            // Frames of an earlier round, or of nothing.
            if (!frame[8..16].SequenceEqual(salts)) break;
            if (BinaryPrimitives.ReadInt32BigEndian(frame[4..]) != 0) committed = at + frameBytes;
        }

        return committed;
    }
}

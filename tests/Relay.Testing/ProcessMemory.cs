using System.Globalization;

namespace Relay.Testing;

/// <summary>Looks into the memory of another process of this user, by way of <c>/proc</c> (proc(5)).</summary>
public static class ProcessMemory
{
    private const int Step = 1 << 20;

    /// <summary>Names of those <paramref name="needles"/> that are somewhere in the process's writable memory, in their order.</summary>
    /// <exception cref="InvalidOperationException">Nothing could be read.</exception>
    public static IReadOnlyList<string> Search(int processId, IReadOnlyDictionary<string, byte[]> needles)
    {
        using var memory = new FileStream($"/proc/{processId}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var longest = needles.Values.Max(needle => needle.Length);
        var buffer = new byte[Step + longest];
        var found = new HashSet<string>();
        long total = 0;
        foreach (var (start, end) in Writable(processId))
        {
            for (var at = start; at < end; at += Step)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at));
                if (!TryRead(memory, at, part)) continue;
                total += part.Length;
                foreach (var (name, needle) in needles)
                {
                    if (!found.Contains(name) && part.IndexOf(needle) >= 0) found.Add(name);
                }
            }
        }

        return total > 0
            ? [.. needles.Keys.Where(found.Contains)]
            : throw new InvalidOperationException($"No memory of process {processId} could be read.");
    }

    private static IEnumerable<(long Start, long End)> Writable(int processId)
    {
        foreach (var line in File.ReadLines($"/proc/{processId}/maps"))
        {
            // "7f2c40000000-7f2c40021000 rw-p 00000000 00:00 0"
            var fields = line.Split(' ', 3);
            if (!fields[1].StartsWith("rw", StringComparison.Ordinal)) continue;
            var range = fields[0].Split('-');
            yield return (
                long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }

    // A range may go while it is read: what is no longer there holds nothing.
    private static bool TryRead(FileStream memory, long at, Span<byte> part)
    {
        try
        {
            var read = 0;
            while (read < part.Length)
            {
                var got = RandomAccess.Read(memory.SafeFileHandle, part[read..], at + read);
                if (got == 0) return false;
                read += got;
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

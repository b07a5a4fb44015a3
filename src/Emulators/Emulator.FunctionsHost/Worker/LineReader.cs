using System.Text;

namespace Emulator.FunctionsHost.Worker;

/// <summary>
/// Cuts a process's output into lines; what is longer than a line may be comes in pieces, so that no output can fill the memory.
/// </summary>
internal static class LineReader
{
    private const int MaxLine = 8 * 1_024;

    /// <summary>Reads to the end; returns when the other end is closed. Empty lines are left out.</summary>
    public static async Task ReadAllAsync(TextReader reader, Action<string> line)
    {
        var buffer = new char[2_048];
        var pending = new StringBuilder();
        int count;
        while ((count = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            foreach (var character in buffer.AsMemory(0, count).ToArray())
            {
                if (character is not ('\n' or '\r')) pending.Append(character);
                if (character == '\n' || pending.Length == MaxLine) Flush(pending, line);
            }
        }

        Flush(pending, line);
    }

    private static void Flush(StringBuilder pending, Action<string> line)
    {
        if (pending.Length > 0) line(pending.ToString());
        pending.Clear();
    }
}

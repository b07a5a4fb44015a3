using System.Diagnostics;
using System.Globalization;

namespace Relay.Testing;

/// <summary>Finds processes that are not the test's own children, ends them, and sees that they have ended.</summary>
public static class Signals
{
    /// <summary>SIGKILL; nothing where the process is gone.</summary>
    public static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            // Gone before.
        }
    }

    /// <summary>Whether the process has ended; one that nobody has collected yet has.</summary>
    public static bool IsGone(int id)
    {
        try
        {
            if (OperatingSystem.IsLinux()) return StatOf(id)[0] is "Z" or "X";
            using var process = Process.GetProcessById(id);
            return process.HasExited;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or InvalidOperationException)
        {
            return true;
        }
    }

    /// <summary>Children of a process whose command line has the given word in it. Linux only.</summary>
    public static IReadOnlyList<int> ChildrenOf(int parent, string word)
    {
        var children = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                if (int.Parse(StatOf(id)[1], CultureInfo.InvariantCulture) != parent) continue;
                if (File.ReadAllText($"{folder}/cmdline").Contains(word, StringComparison.Ordinal)) children.Add(id);
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return children;
    }

    // State, parent and so on: the words after the name, which may hold anything but ends with the last bracket (proc(5)).
    private static string[] StatOf(int id)
    {
        var text = File.ReadAllText($"/proc/{id}/stat");
        return text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }
}

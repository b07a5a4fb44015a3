using System.Diagnostics;

namespace Relay.FaultTests;

/// <summary>Ends processes that are not the test's own children, and sees that they have ended.</summary>
internal static class Signals
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
            // The state is the first word after the name, which may hold anything but ends with the last bracket.
            if (OperatingSystem.IsLinux())
            {
                return File.ReadAllText($"/proc/{id}/stat") is var text && text[text.LastIndexOf(')') + 2] is 'Z' or 'X';
            }
            using var process = Process.GetProcessById(id);
            return process.HasExited;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or InvalidOperationException)
        {
            return true;
        }
    }
}

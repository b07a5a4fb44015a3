using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Relay.Testing;

namespace Relay.Cli.Tests.Watching;

/// <summary>
/// A pseudo terminal of the kernel (pty(7)), and the shell that runs in it as in a terminal of one's own: leader of a session whose
/// controlling terminal it is.
/// </summary>
internal sealed partial class PseudoTerminal : IDisposable
{
    // Of Linux: read and write, not ours to be controlled by, and closed in children.
    private const int OpenFlags = 0x2 | 0x100 | 0x80000;

    private readonly FileStream _master;
    private readonly string _path;

    /// <summary>Opens one.</summary>
    public PseudoTerminal()
    {
        var master = Open(OpenFlags);
        if (master < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        _master = new FileStream(new SafeFileHandle(master, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
        var name = new byte[64];
        if (Unlock(master) != 0 || Name(master, name, name.Length) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        _path = Encoding.ASCII.GetString(name.AsSpan(0, Array.IndexOf(name, (byte)0)));
    }

    /// <summary>Runs a script of the shell in it, to which <c>$0</c> and so on are <paramref name="words"/>.</summary>
    public Process Start(string folder, string script, params string[] words)
    {
        // What runs in the background, as tests do in many places, ignores Ctrl-C, and so would all that it starts.
        const string Inside = "terminal=$1; shift; exec <\"$terminal\" >\"$terminal\" 2>&1; "
            + "exec setsid --ctty --wait env --default-signal=INT sh -c \"$@\"";
        var start = new ProcessStartInfo("sh", ["-c", Inside, "sh", _path, script, .. words]) { WorkingDirectory = folder };
        start.Environment["TERM"] = "xterm-256color";
        return Process.Start(start) ?? throw new InvalidOperationException("sh did not start.");
    }

    /// <summary>What is written to it next; empty once nobody has it open any more.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            return buffer.AsMemory(0, await _master.ReadAsync(buffer, cancellationToken));
        }
        catch (IOException)
        {
            // EIO: the last one has closed it.
            return default;
        }
    }

    /// <summary>Types.</summary>
    public void Write(ReadOnlySpan<byte> keys) => _master.Write(keys);

    /// <summary>Gives it another size, of which the kernel tells whoever runs in it by SIGWINCH.</summary>
    public async Task ResizeAsync(int columns, int rows)
    {
        var (wide, high) = (columns.ToString(CultureInfo.InvariantCulture), rows.ToString(CultureInfo.InvariantCulture));
        using var stty = Process.Start("stty", ["-F", _path, "cols", wide, "rows", high]);
        await TestDeadline.Within(stty.WaitForExitAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, stty.ExitCode);
    }

    /// <inheritdoc/>
    public void Dispose() => _master.Dispose();

    [LibraryImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(int flags);

    [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unlock(int master);

    [LibraryImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Name(int master, [Out] byte[] name, nint length);
}

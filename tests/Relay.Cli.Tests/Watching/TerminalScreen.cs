using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hex1b;
using Hex1b.Automation;
using Relay.Testing;

namespace Relay.Cli.Tests.Watching;

/// <summary>
/// Somebody at a terminal in which <c>relay</c> runs: sees the screen as Hex1b's terminal shows it, types, draws the window larger. Waits
/// for screens and never for time.
/// </summary>
internal sealed class TerminalScreen : IHex1bTerminalWorkloadAdapter
{
    // As a shell: whoever runs in it gets Ctrl-C, and the shell goes on and shows what it was left with.
    private const string Script =
        "trap : INT; stty cols \"$0\" rows \"$1\"; shift; dotnet \"$@\"; echo \"exit $?\"; stty -a; echo end; cat >/dev/null";

    private readonly Lock _lock = new();
    private readonly PseudoTerminal _pty = new();
    private readonly Hex1bTerminal _terminal;
    private readonly Process _process;
    private readonly Task _running;
    private Func<string, bool>? _awaited;
    private TaskCompletionSource _seen = new();

    private TerminalScreen(int columns, int rows, string folder, string[] words)
    {
        _terminal = new Hex1bTerminal(new Hex1bTerminalOptions { Width = columns, Height = rows, WorkloadAdapter = this });
        var (wide, high) = (columns.ToString(CultureInfo.InvariantCulture), rows.ToString(CultureInfo.InvariantCulture));
        _process = _pty.Start(folder, Script, [wide, high, RelayProgram.Assembly, .. words]);
        _running = _terminal.RunAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public event Action? Disconnected;

    /// <summary>Starts <c>relay</c> in a terminal of this size.</summary>
    public static TerminalScreen Start(int columns, int rows, string folder, params string[] words) =>
        new(columns, rows, folder, words);

    /// <summary>Types these keys.</summary>
    public void Type(string keys) => _pty.Write(Encoding.UTF8.GetBytes(keys));

    /// <summary>Draws the window to another size.</summary>
    public Task ResizeAsync(int columns, int rows)
    {
        _terminal.Resize(columns, rows);
        return _pty.ResizeAsync(columns, rows);
    }

    /// <summary>Waits until the screen is the approved one, every cell of it.</summary>
    /// <param name="name">File in <c>Watching/Screens</c>.</param>
    /// <param name="sign">What is on it and on none before it.</param>
    /// <remarks>
    /// Where the environment variable RELAY_WRITE_SCREENS names an empty folder, the screen that has <paramref name="sign"/> is written
    /// there when it is first asked for: copy it over the approved one to approve it.
    /// </remarks>
    public async Task ShowsAsync(string name, string sign)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Watching", "Screens", $"{name}.txt");
        if (Environment.GetEnvironmentVariable("RELAY_WRITE_SCREENS") is { Length: > 0 } folder)
        {
            path = Path.Combine(folder, $"{name}.txt");
            if (!File.Exists(path))
            {
                // What is shown again and again is whole by then.
                var reads = 0;
                await UntilAsync(screen => screen.Contains(sign, StringComparison.Ordinal) && ++reads > 6, sign);
                await File.WriteAllTextAsync(path, Look(), TestContext.Current.CancellationToken);
            }
        }

        var approved = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.Contains(sign, approved, StringComparison.Ordinal);
        await UntilAsync(screen => screen == approved, name);
    }

    /// <summary>Waits until the screen is as asked for.</summary>
    /// <param name="isIt">Of the screen as <see cref="Look"/> tells it.</param>
    /// <param name="what">For whoever reads that it never was.</param>
    public async Task UntilAsync(Func<string, bool> isIt, string what)
    {
        Task seen;
        lock (_lock)
        {
            if (isIt(Look())) return;
            _awaited = isIt;
            _seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            seen = _seen.Task;
        }
        try
        {
            await TestDeadline.Within(seen);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Not seen: {what}. There was:\n{Look()}");
        }
    }

    /// <summary>
    /// The screen: first whether it is the alternate one and shows a cursor, then its lines, without blanks at their ends, each after
    /// <c>&gt;</c> where it stands out.
    /// </summary>
    public string Look()
    {
        using var snapshot = _terminal.CreateSnapshot();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{snapshot.Width}x{snapshot.Height}");
        text.Append(snapshot.InAlternateScreen ? " alternate" : " main").Append(snapshot.CursorVisible ? " cursor\n" : "\n");
        var lines = snapshot.GetScreenText().ReplaceLineEndings("\n").Split('\n');
        for (var row = 0; row < snapshot.Height; row++)
        {
            var stands = snapshot.GetCell(0, row).Attributes.HasFlag(CellAttributes.Reverse);
            text.Append(stands ? '>' : ' ').Append(row < lines.Length ? lines[row].TrimEnd() : "").Append('\n');
        }
        return text.ToString();
    }

    async ValueTask<ReadOnlyMemory<byte>> IHex1bTerminalWorkloadAdapter.ReadOutputAsync(CancellationToken ct)
    {
        // The terminal asks for more when it has shown what it had.
        lock (_lock)
        {
            if (_awaited is { } isIt && isIt(Look()))
            {
                _awaited = null;
                _seen.TrySetResult();
            }
        }
        var read = await _pty.ReadAsync(ct);
        if (read.IsEmpty) Disconnected?.Invoke();
        return read;
    }

    ValueTask IHex1bTerminalWorkloadAdapter.WriteInputAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        _pty.Write(data.Span);
        return ValueTask.CompletedTask;
    }

    ValueTask IHex1bTerminalWorkloadAdapter.ResizeAsync(int width, int height, CancellationToken ct) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // What runs in it ends with it: the shell's own "cat" at the end of what is typed, and relay with its terminal.
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        await _running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await _terminal.DisposeAsync();
        _process.Dispose();
        _pty.Dispose();
    }
}

using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;

namespace Relay.Cli.Watching;

/// <summary>
/// A terminal that is drawn on: the alternate screen (xterm's 1049), without a cursor, until it is disposed. Keys and changes of size come
/// through <see cref="Events"/>.
/// </summary>
internal sealed class TopTerminal : IDisposable
{
    private readonly Channel<ConsoleKeyInfo?> _events = Channel.CreateBounded<ConsoleKeyInfo?>(
        // Whoever types faster than it is drawn loses the oldest, and nothing grows.
        new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest });

    private readonly PosixSignalRegistration? _resized;
    private readonly Stream _output = Console.OpenStandardOutput();

    public TopTerminal()
    {
        if (!OperatingSystem.IsWindows())
        {
            _resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _events.Writer.TryWrite(null));
        }
        Write("\u001b[?1049h\u001b[?25l");
        // Nothing ends a read of a key but a key: the thread goes with the process.
        new Thread(ReadKeys) { IsBackground = true, Name = "keys" }.Start();
    }

    /// <summary>A key, or null for another size.</summary>
    public ChannelReader<ConsoleKeyInfo?> Events => _events.Reader;

    /// <summary>Draws the screen anew at the size that the terminal has now.</summary>
    public void Draw(TopState state)
    {
        var (columns, rows) = (Math.Max(1, Console.WindowWidth), Math.Max(1, Console.WindowHeight));
        var (lines, highlighted) = TopScreen.Draw(state, columns, rows);
        var text = new StringBuilder("\u001b[H");
        for (var i = 0; i < lines.Count; i++)
        {
            var style = i == highlighted || i == lines.Count - 1 ? "\u001b[7m" : i == 1 ? "\u001b[1m" : "";
            text.Append(style).Append(lines[i]).Append(style.Length > 0 ? "\u001b[0m" : "").Append(i < lines.Count - 1 ? "\r\n" : "");
        }
        Write(text.ToString());
    }

    public void Dispose()
    {
        _resized?.Dispose();
        Write("\u001b[?25h\u001b[?1049l");
        _output.Dispose();
    }

    // In one piece, so that no half of a screen is seen.
    private void Write(string text) => _output.Write(Encoding.UTF8.GetBytes(text));

    private void ReadKeys()
    {
        try
        {
            while (true) _events.Writer.TryWrite(Console.ReadKey(intercept: true));
        }
        catch (InvalidOperationException)
        {
            // The terminal has gone; Ctrl-C and the end of the process are left.
        }
    }
}

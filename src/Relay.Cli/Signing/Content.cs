using System.CommandLine;
using System.Text;
using Relay.Cli.Printing;
using Spectre.Console;

namespace Relay.Cli.Signing;

/// <summary>
/// What <c>relay sign</c> is given to seal: that it is there, that it fits, and that it is meant when there is nothing in it.
/// </summary>
internal static class Content
{
    /// <exception cref="CliFault">Nothing is given, it is too large, or it is empty and nobody says that this is meant.</exception>
    public static async Task<byte[]> ReadAsync(
        Terminal terminal, ParseResult parsed, SignOptions options, CancellationToken cancellationToken)
    {
        var most = parsed.GetRequiredValue(options.MaxBytes);
        switch (parsed.GetValue(options.Text), parsed.GetValue(options.File))
        {
            case ({ } text, null):
                EnvelopeSize.CheckContent("--text", Encoding.UTF8.GetByteCount(text), most);
                if (string.IsNullOrWhiteSpace(text))
                {
                    await AskAsync(terminal, "The text is empty.", parsed.GetValue(options.AllowEmpty), cancellationToken);
                }
                return Encoding.UTF8.GetBytes(text);
            case (null, { } file):
                EnvelopeSize.CheckContent(file.Name, file.Length, most);
                if (file.Length == 0)
                {
                    await AskAsync(terminal, $"{file.Name} is empty.", parsed.GetValue(options.AllowEmpty), cancellationToken);
                }
                return await File.ReadAllBytesAsync(file.FullName, cancellationToken);
            default:
                throw new CliFault("There is nothing to seal.", "Give the content with --text or --file.");
        }
    }

    // Nothing can be taken back once it is sealed, and an empty text is a variable that is not set more often than a wish.
    private static async Task AskAsync(Terminal terminal, string what, bool allowed, CancellationToken cancellationToken)
    {
        if (allowed) return;
        if (terminal.IsInteractive
            && await new ConfirmationPrompt($"{ForeignText.Cell(what)} Send it all the same?") { DefaultValue = false }.ShowAsync(
                terminal.Notes, cancellationToken)) return;
        throw new CliFault(
            what, "Is the variable set, or the file written, that it comes from? To say nothing on purpose add --allow-empty.");
    }
}

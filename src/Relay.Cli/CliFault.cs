namespace Relay.Cli;

/// <summary>What keeps a command from doing its work, in one line, with what the user can do about it.</summary>
internal sealed class CliFault(string message, string fix, Exception? cause = null) : Exception(message, cause)
{
    public string Fix { get; } = fix;
}

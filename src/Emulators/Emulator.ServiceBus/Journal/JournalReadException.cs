namespace Emulator.ServiceBus.Journal;

/// <summary>A stored message could not be read back: the disk failed, or somebody changed the file.</summary>
internal sealed class JournalReadException(string message, Exception? cause = null) : IOException(message, cause);

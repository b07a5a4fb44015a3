using Microsoft.Extensions.Logging;

namespace Emulator.ServiceBus.Journal;

/// <summary>Log messages of the journal, of the emulator's 5000 to 5999. Names and reasons only, nothing of a message.</summary>
internal static partial class JournalLog
{
    [LoggerMessage(5006, LogLevel.Error, "The journal {File} cannot be written: {Reason}. Sends and settlements are refused until it can")]
    public static partial void Failed(ILogger logger, string file, string reason);

    [LoggerMessage(5007, LogLevel.Information, "The journal {File} can be written again")]
    public static partial void Recovered(ILogger logger, string file);

    [LoggerMessage(5030, LogLevel.Error, "Messages of '{Entity}' cannot be read from the journal {File}")]
    public static partial void Unreadable(ILogger logger, Exception exception, string entity, string file);
}

using System.Text.Json;
using Relay.Cli.Printing;

namespace Relay.Cli.Watching;

/// <summary>Members of what the relay answered, which has to have them.</summary>
/// <remarks>
/// Each throws <see cref="KeyNotFoundException"/>, <see cref="InvalidOperationException"/> or <see cref="FormatException"/> where it
/// has not.
/// </remarks>
internal static class AnswerMembers
{
    /// <summary>A whole number of 32 bits.</summary>
    public static int Int(this JsonElement of, string name) => of.GetProperty(name).GetInt32();

    /// <summary>A text, as one line that a terminal may be shown.</summary>
    public static string Line(this JsonElement of, string name) => ForeignText.Line(of.GetProperty(name).GetString());
}

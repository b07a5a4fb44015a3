using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Emulator.FunctionsHost.Settings;

/// <summary>
/// Setting names as the Functions host reads them: <c>__</c> is <c>:</c>, and <c>%Name%</c> in a binding is the setting's value.
/// </summary>
internal static class SettingNames
{
    public static string Normalize(string name) => name.Replace("__", ":", StringComparison.Ordinal);

    /// <summary>The environment variable of a setting: colons are no part of a variable's name on every platform.</summary>
    public static string ToVariable(string name) => name.Replace(":", "__", StringComparison.Ordinal);

    /// <summary>Replaces every <c>%Name%</c> in <paramref name="text"/>.</summary>
    /// <param name="where">For the error: which part of which function.</param>
    /// <returns>False, with one error, when a setting is missing or empty, or a percent sign has no partner.</returns>
    public static bool TryResolve(
        string text, IConfiguration settings, string where, ICollection<string> errors, [NotNullWhen(true)] out string? resolved)
    {
        resolved = null;
        var result = new StringBuilder();
        var position = 0;
        while (text.IndexOf('%', position) is var open and >= 0)
        {
            var close = text.IndexOf('%', open + 1);
            if (close < 0)
            {
                errors.Add($"{where}: '{text}' has a '%' without a second one to close the setting's name.");
                return false;
            }

            var name = text[(open + 1)..close];
            var value = name.Length == 0 ? null : settings[Normalize(name)];
            if (string.IsNullOrEmpty(value))
            {
                errors.Add($"{where}: '%{name}%' names an app setting that is not there.");
                return false;
            }

            result.Append(text, position, open - position).Append(value);
            position = close + 1;
        }

        resolved = result.Append(text, position, text.Length - position).ToString();
        return true;
    }
}

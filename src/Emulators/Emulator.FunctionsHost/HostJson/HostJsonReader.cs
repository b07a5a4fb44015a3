using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Emulator.FunctionsHost.HostJson;

/// <summary>Typed values out of a host.json, each with its range; what is out of it is an error and reads as the default.</summary>
internal sealed class HostJsonReader(IConfiguration values, ICollection<string> errors)
{
    public bool IsValue(string key, string text) => values[key] == text;

    public string Text(string key, string otherwise) => values[key] ?? otherwise;

    public bool Flag(string key, bool otherwise) =>
        values[key] is not { } text ? otherwise
        : bool.TryParse(text, out var flag) ? flag
        : Refuse(key, text, "true or false", otherwise);

    public int Number(string key, int otherwise, int least, int most)
    {
        if (values[key] is not { } text)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most
            ? number
            : Refuse(
                key,
                text,
                most == int.MaxValue ? $"a whole number of at least {least}" : $"a whole number from {least} to {most}",
                otherwise);
    }

    public TimeSpan Duration(string key, TimeSpan otherwise, TimeSpan least, TimeSpan most, bool allowInfinite = false)
    {
        if (values[key] is not { } text)
        {
            return otherwise;
        }

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration)
            && ((duration >= least && duration <= most) || (allowInfinite && duration == Timeout.InfiniteTimeSpan)))
        {
            return duration;
        }

        var range = most == TimeSpan.MaxValue ? $"of at least {least:c}" : $"from {least:c} to {most:c}";
        return Refuse(key, text, $"a time (hh:mm:ss) {range}{(allowInfinite ? ", or -00:00:00.0010000 for no end" : "")}", otherwise);
    }

    public TimeSpan? OptionalDuration(string key, TimeSpan least, TimeSpan most) =>
        values[key] is null ? null : Duration(key, most, least, most);

    public T OneOf<T>(string key, T otherwise)
        where T : struct, Enum
    {
        if (values[key] is not { } text)
        {
            return otherwise;
        }

        return !int.TryParse(text, CultureInfo.InvariantCulture, out _) && Enum.TryParse<T>(text, ignoreCase: true, out var value)
            ? value
            : Refuse(key, text, $"one of {string.Join(", ", Enum.GetNames<T>())}", otherwise);
    }

    private T Refuse<T>(string key, string text, string expected, T otherwise)
    {
        errors.Add($"{HostJsonFile.FileName}: {key.Replace(':', '.')} must be {expected}, but it is \"{text}\".");
        return otherwise;
    }
}

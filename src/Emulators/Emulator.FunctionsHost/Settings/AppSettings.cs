using Microsoft.Extensions.Configuration;

namespace Emulator.FunctionsHost.Settings;

/// <summary>
/// The app's settings: local.settings.json, under the environment, under the caller's own. The worker gets them as environment variables.
/// </summary>
internal static class AppSettings
{
    public const string FileName = "local.settings.json";

    /// <param name="path">Null: the file in the app's folder, where there is one.</param>
    public static IReadOnlyDictionary<string, string?> ReadFile(string? path, string appFolder, ICollection<string> errors)
    {
        if (path is not null) return LocalSettingsFile.Read(path, errors);
        var inFolder = Path.Combine(appFolder, FileName);
        return File.Exists(inFolder) ? LocalSettingsFile.Read(inFolder, errors) : new Dictionary<string, string?>();
    }

    /// <summary>What this host itself looks settings up in, e.g. for <c>%Name%</c> and connections.</summary>
    public static IConfiguration Compose(IReadOnlyDictionary<string, string?> file, IReadOnlyDictionary<string, string?> own) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(file)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(own.Select(setting => KeyValuePair.Create(SettingNames.Normalize(setting.Key), setting.Value)))
            .Build();

    /// <summary>
    /// The variables the worker is started with beside what it inherits: a setting of the file gives way to a variable of the same name.
    /// </summary>
    public static IReadOnlyDictionary<string, string> ForWorker(
        IReadOnlyDictionary<string, string?> file, IReadOnlyDictionary<string, string?> own)
    {
        var variables = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in file)
        {
            var variable = SettingNames.ToVariable(name);
            if (Environment.GetEnvironmentVariable(variable) is null) variables[variable] = value ?? "";
        }

        foreach (var (name, value) in own)
        {
            variables[SettingNames.ToVariable(name)] = value ?? "";
        }

        return variables;
    }
}

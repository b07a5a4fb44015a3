using Microsoft.Extensions.Configuration;

namespace Emulator.Functions.Settings;

/// <summary>The app's configuration: local.settings.json, under the environment, under the caller's own settings.</summary>
internal static class AppSettings
{
    public const string FileName = "local.settings.json";

    public static IReadOnlyDictionary<string, string?> ReadFile(FunctionsHostOptions options, ICollection<string> errors)
    {
        if (options.LocalSettingsPath is { } path)
        {
            return LocalSettingsFile.Read(path, errors);
        }

        var beside = Path.Combine(FolderOf(options), FileName);
        return File.Exists(beside) ? LocalSettingsFile.Read(beside, errors) : new Dictionary<string, string?>();
    }

    public static void AddTo(IConfigurationBuilder configuration, FunctionsHostOptions options, IReadOnlyDictionary<string, string?> file)
    {
        configuration.AddInMemoryCollection(file);
        configuration.AddEnvironmentVariables();
        configuration.AddInMemoryCollection(options.Settings.Select(
            setting => KeyValuePair.Create(SettingNames.Normalize(setting.Key), setting.Value)));
    }

    /// <summary>The folder of the function assembly; the process's own for one that has no file.</summary>
    public static string FolderOf(FunctionsHostOptions options) =>
        Path.GetDirectoryName(options.FunctionAssembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;
}

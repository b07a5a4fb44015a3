using System.Diagnostics.CodeAnalysis;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;

namespace Emulator.FunctionsHost.Settings;

/// <summary>A Service Bus connection found by its setting's name: a connection string, or a namespace and an identity.</summary>
/// <param name="Name">The setting's name; what clients are shared by.</param>
internal sealed record ServiceBusConnection(
    string Name, string? ConnectionString, string? FullyQualifiedNamespace, string? CredentialKind, string? ClientId)
{
    /// <summary>The setting the host falls back to when a trigger names none.</summary>
    public const string DefaultName = "AzureWebJobsServiceBus";

    /// <summary>
    /// Looks <paramref name="name"/> up, then under <c>AzureWebJobs</c> and <c>ConnectionStrings</c>, as the Functions host does.
    /// </summary>
    /// <returns>False, with one error naming the settings that would do, when there is none.</returns>
    public static bool TryFind(
        IConfiguration settings,
        string? name,
        string where,
        ICollection<string> errors,
        [NotNullWhen(true)] out ServiceBusConnection? connection)
    {
        connection = null;
        var setting = string.IsNullOrWhiteSpace(name) ? DefaultName : SettingNames.Normalize(name);
        if (LooksLikeConnectionString(setting))
        {
            // The text is a secret someone put into the wrong place: it must not reach the message.
            errors.Add($"{where}: Connection must be the name of a setting, but a connection string was written there.");
            return false;
        }

        string[] candidates = [setting, $"AzureWebJobs{setting}", $"ConnectionStrings:{setting}"];
        foreach (var section in candidates.Select(settings.GetSection).Where(section => section.Exists()))
        {
            if (section.Value is { Length: > 0 } connectionString)
            {
                if (!IsConnectionString(connectionString))
                {
                    errors.Add(
                        $"{where}: the setting '{section.Path}' is not a Service Bus connection string "
                            + "(Endpoint=sb://...;SharedAccessKeyName=...;...).");
                    return false;
                }

                connection = new ServiceBusConnection(setting, connectionString, null, null, null);
                return true;
            }

            if (section["fullyQualifiedNamespace"] is { Length: > 0 } fullyQualifiedNamespace)
            {
                connection = new ServiceBusConnection(setting, null, fullyQualifiedNamespace, section["credential"], section["clientId"]);
                return true;
            }
        }

        errors.Add(
            $"{where}: no Service Bus connection: set '{setting}' to a connection string, or '{setting}__fullyQualifiedNamespace' "
                + "to a namespace.");
        return false;
    }

    private static bool IsConnectionString(string text)
    {
        try
        {
            return ServiceBusConnectionStringProperties.Parse(text).Endpoint is not null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return false;
        }
    }

    private static bool LooksLikeConnectionString(string text) =>
        text.Contains("Endpoint=", StringComparison.OrdinalIgnoreCase)
            || text.Contains("SharedAccessKey=", StringComparison.OrdinalIgnoreCase);
}

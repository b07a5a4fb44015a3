using System.Text.Json;

namespace Emulator.ServiceBus.Tests.Limits;

/// <summary>
/// A row of LIMITS.md about one member of a queue's description, for REST, Config.json and the official administration clients.
/// </summary>
/// <param name="Member">The description's, such as <c>LockDuration</c>.</param>
/// <param name="Taken">The value at the edge; times in ISO 8601.</param>
/// <param name="Refused">The next one beyond.</param>
/// <param name="IsInConfig">Whether Config.json has the member.</param>
internal sealed record SettingRow(string Member, string Taken, string Refused, bool IsInConfig)
{
    public static IReadOnlyList<SettingRow> All { get; } =
    [
        new("LockDuration", "PT5S", "PT4.999S", true),
        new("LockDuration", "PT5M", "PT5M0.001S", true),
        new("MaxDeliveryCount", "1", "0", true),
        new("MaxDeliveryCount", "2000", "2001", true),
        new("DefaultMessageTimeToLive", "PT1S", "PT0.999S", true),
        new("DuplicateDetectionHistoryTimeWindow", "PT5S", "PT4S", true),
        new("DuplicateDetectionHistoryTimeWindow", "P7D", "P7DT1S", true),
        new("MaxSizeInMegabytes", "1", "0", true),
        new("MaxSizeInMegabytes", "81920", "81921", true),
        new("AutoDeleteOnIdle", "PT5M", "PT4M59S", false),
        new("MaxMessageSizeInKilobytes", "256", "257", false),
        new("MaxMessageSizeInKilobytes", "1", "0", false),
        new("UserMetadata", new string('m', 1024), new string('m', 1025), false),
    ];

    /// <summary>Member, taken, refused, whether Config.json has it.</summary>
    public static TheoryData<string, string, string, bool> Cases =>
        new(All.Select(row => (row.Member, row.Taken, row.Refused, row.IsInConfig)));

    /// <summary>An array of objects with the rows' members, for scripts.</summary>
    public static string Json => JsonSerializer.Serialize(All);
}

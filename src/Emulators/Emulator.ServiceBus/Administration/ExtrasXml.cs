using System.Xml.Linq;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Administration;

/// <summary>What several descriptions share.</summary>
internal static class ExtrasXml
{
    private const int MaxMetadata = 1024;
    private static readonly TimeSpan MinIdle = TimeSpan.FromMinutes(5);

    // The cloud's "unlimited" and what clients compute from it differ in the last digits.
    private static readonly TimeSpan PracticallyUnlimited = TimeSpan.MaxValue - TimeSpan.FromDays(1);

    public static EntityExtras Read(DescriptionReader reader)
    {
        var absent = EntityExtras.Default;
        var extras = new EntityExtras
        {
            UserMetadata = reader.Text("UserMetadata"),
            AutoDeleteOnIdle = Unlimited(reader.Duration("AutoDeleteOnIdle", absent.AutoDeleteOnIdle)),
            EnableBatchedOperations = reader.Boolean("EnableBatchedOperations", absent.EnableBatchedOperations),
            EnablePartitioning = reader.Boolean("EnablePartitioning", absent.EnablePartitioning),
            EnableExpress = reader.Boolean("EnableExpress", absent.EnableExpress),
            SupportOrdering = reader.Boolean("SupportOrdering", absent.SupportOrdering),
            MaxMessageSizeInKilobytes = reader.Long("MaxMessageSizeInKilobytes", null),
            AuthorizationRules = reader.Element("AuthorizationRules") is { HasElements: true } rules
                ? rules.ToString(SaveOptions.DisableFormatting)
                : null,
        };
        if (extras.UserMetadata?.Length > MaxMetadata)
        {
            reader.Faults.Add($"UserMetadata: expected at most {MaxMetadata} characters, got {extras.UserMetadata.Length}");
        }
        if (extras.AutoDeleteOnIdle < MinIdle)
        {
            reader.Faults.Add($"AutoDeleteOnIdle: expected PT5M or more, got {System.Xml.XmlConvert.ToString(extras.AutoDeleteOnIdle)}");
        }
        return extras;
    }

    public static TimeSpan TimeToLive(DescriptionReader reader) =>
        Unlimited(reader.Duration("DefaultMessageTimeToLive", TimeSpan.MaxValue));

    /// <summary>An entity that messages move on to: clients send a URL or a path.</summary>
    public static string? Entity(DescriptionReader reader, string name) =>
        reader.Text(name)?.Trim() is { } address && EntityPath.Normalise(address) is { Length: > 0 } path ? path : null;

    private static TimeSpan Unlimited(TimeSpan duration) => duration >= PracticallyUnlimited ? TimeSpan.MaxValue : duration;
}

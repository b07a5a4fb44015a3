#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>What a namespace says of itself.</summary>
public class NamespaceProperties
{
    /// <summary>Its name.</summary>
    public string Name { get; internal set; }

    /// <summary>Its alias, or null.</summary>
    public string Alias { get; internal set; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedTime { get; internal set; }

    /// <summary>When it changed last.</summary>
    public DateTimeOffset ModifiedTime { get; internal set; }

    /// <summary>Its tier.</summary>
    public MessagingSku MessagingSku { get; internal set; }

    /// <summary>Units of a Premium namespace.</summary>
    public int MessagingUnits { get; internal set; }
}

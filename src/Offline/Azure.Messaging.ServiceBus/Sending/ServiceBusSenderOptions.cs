#nullable disable annotations
namespace Azure.Messaging.ServiceBus;

/// <summary>What a <see cref="ServiceBusSender"/> may be told beside its entity.</summary>
public class ServiceBusSenderOptions
{
    /// <summary>A name for the sender in diagnostics; made up when null or empty.</summary>
    public string Identifier { get; set; }
}

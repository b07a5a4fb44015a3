namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Names for clients, links and connections in diagnostics.</summary>
internal static class Identifiers
{
    /// <summary>The name given, or one made of a prefix and a GUID when it is null or empty.</summary>
    public static string Choose(string? given, string prefix) => string.IsNullOrEmpty(given) ? $"{prefix}-{Guid.NewGuid()}" : given;
}

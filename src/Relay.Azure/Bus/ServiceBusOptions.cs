using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Relay.Azure.Bus;

/// <summary>The Service Bus connection, by the rules the Functions host has for a trigger's connection of that name.</summary>
public sealed class ServiceBusOptions
{
    public const string SectionName = "ServiceBus";

    /// <summary>Value of <c>ServiceBus</c> itself; wins over the namespace.</summary>
    public string? ConnectionString { get; set; }

    /// <summary><c>ServiceBus:fullyQualifiedNamespace</c>, reached with the app's identity.</summary>
    public string? FullyQualifiedNamespace { get; set; }

    /// <summary>Longest wait for an entity to take one message: 1 s to 2 min, default 15 s; under the queue's lock of 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(15);

    internal static void Bind(ServiceBusOptions options, IConfiguration configuration)
    {
        var section = configuration.GetSection(SectionName);
        section.Bind(options);
        options.ConnectionString = section.Value;
    }
}

[OptionsValidator]
internal sealed partial class ServiceBusOptionsAttributesValidator : IValidateOptions<ServiceBusOptions>;

internal sealed class ServiceBusOptionsValidator : IValidateOptions<ServiceBusOptions>
{
    public ValidateOptionsResult Validate(string? name, ServiceBusOptions options) =>
        string.IsNullOrWhiteSpace(options.ConnectionString) && string.IsNullOrWhiteSpace(options.FullyQualifiedNamespace)
            ? ValidateOptionsResult.Fail("expected ServiceBus (a connection string) or ServiceBus:fullyQualifiedNamespace, got neither")
            : ValidateOptionsResult.Success;
}

#nullable disable annotations
namespace Azure.Messaging.ServiceBus.Administration;

/// <summary>How a <see cref="ServiceBusAdministrationClient"/> talks to the service: retries, transport and diagnostics of Azure.Core.</summary>
public class ServiceBusAdministrationClientOptions : Azure.Core.ClientOptions
{
    /// <param name="version">Of the service's surface.</param>
    public ServiceBusAdministrationClientOptions(ServiceVersion version = ServiceVersion.V2021_05) => Version = version;

#pragma warning disable CA1707 // Named as in the official package.
    /// <summary>Versions of the service's surface.</summary>
    public enum ServiceVersion
    {
        /// <summary>2017-04</summary>
        V2017_04 = 1,

        /// <summary>2021-05</summary>
        V2021_05 = 2,
    }
#pragma warning restore CA1707

    /// <summary>The version asked for.</summary>
    public ServiceVersion Version { get; }

    internal string ApiVersion => Version switch
    {
        ServiceVersion.V2017_04 => "2017-04",
        ServiceVersion.V2021_05 => "2021-05",
    };
}

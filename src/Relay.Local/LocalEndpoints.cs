using System.Text.Json;
using Relay.Client.Files;

namespace Relay.Local;

/// <summary>Where a running local stack is to be found; written to its state folder so that other commands need no options.</summary>
/// <param name="ServiceBus">Connection string of the Service Bus emulator.</param>
/// <param name="Http">Base address of the function app, without the route prefix.</param>
/// <param name="Vault">Address of the Key Vault emulator.</param>
/// <param name="VaultThumbprint">SHA-256 of the vault's certificate, upper-case hexadecimal: what clients pin.</param>
/// <param name="VaultCertificate">Path of the vault's certificate in PEM,
/// for clients that take a file (<c>NODE_EXTRA_CA_CERTS</c>).</param>
/// <param name="Https">The function app over HTTPS, where callers show a client certificate.</param>
/// <param name="HttpsCertificate">Path of the function app's certificate
/// in PEM, for clients that take a file (<c>curl --cacert</c>).</param>
/// <param name="ProcessId">The process that serves all of it.</param>
public sealed record LocalEndpoints(
    string ServiceBus,
    Uri Http,
    Uri Vault,
    string VaultThumbprint,
    string VaultCertificate,
    Uri Https,
    string HttpsCertificate,
    int ProcessId)
{
    private const string FileName = "endpoints.json";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>
    /// Connection string of the Service Bus emulator's administration, and of AMQP over WebSockets; null without an admin port.
    /// </summary>
    public string? ServiceBusAdmin { get; init; }

    /// <summary>Where commands that disturb the stack are put; null on one that cannot be disturbed.</summary>
    public Uri? Chaos { get; init; }

    /// <summary>Address of the Service Bus emulator's status page; null without an admin port.</summary>
    public Uri? ServiceBusStatus { get; init; }

    /// <summary>
    /// Path of the admin port's certificate in PEM, for clients that speak TLS to it whatever they are told; null without an admin port.
    /// </summary>
    public string? ServiceBusCertificate { get; init; }

    /// <summary>The endpoints of the stack that runs on <paramref name="stateFolder"/>, or null when none says that it does.</summary>
    public static LocalEndpoints? TryRead(string stateFolder)
    {
        try
        {
            return JsonSerializer.Deserialize<LocalEndpoints>(File.ReadAllBytes(Path.Combine(stateFolder, FileName)), Format);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    internal void Write(string stateFolder) =>
        PrivateFile.Write(Path.Combine(stateFolder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Format));

    internal static void Delete(string stateFolder) => File.Delete(Path.Combine(stateFolder, FileName));
}

using System.Security.Cryptography.X509Certificates;
using Emulator.Hosting;

namespace Emulator.ServiceBus.Administration;

/// <summary>
/// The admin port's certificate: some clients speak TLS to it or not at all. Trusted
/// by naming it as the one root it is (<see cref="PublicPath"/>). Kept in the state
/// folder; without one, in a temporary folder that goes with it.
/// </summary>
internal sealed class AdminCertificate : IDisposable
{
    private const string Subject = "CN=Relay Service Bus emulator";
    private const string KeptName = "admin.pem";
    private const string PublicName = "admin-certificate.pem";

    private readonly string? _temporary;

    private AdminCertificate(X509Certificate2 certificate, string publicPath, string? temporary)
    {
        Certificate = certificate;
        PublicPath = publicPath;
        _temporary = temporary;
    }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>File with the certificate alone, PEM.</summary>
    public string PublicPath { get; }

    /// <summary>The one kept in the folder, or a new one when there is none that will do.</summary>
    /// <param name="folder">Null for one that is not kept.</param>
    /// <param name="hosts">Host names besides the loopback ones.</param>
    /// <param name="now">Real time: it is what clients check with.</param>
    /// <exception cref="InvalidDataException">The file is there and cannot be read; the message names it.</exception>
    public static AdminCertificate Open(string? folder, IReadOnlyCollection<string> hosts, DateTimeOffset now)
    {
        var temporary = folder is null ? Directory.CreateTempSubdirectory("relay-servicebus-").FullName : null;
        var root = folder ?? temporary!;
        OwnerFile.CreateFolder(root);
        var certificate = folder is null
            ? ServerCertificate.Create(Subject, hosts, now)
            : ServerCertificate.LoadOrCreate(Path.Combine(root, KeptName), Subject, hosts, now).Certificate;
        var published = Path.Combine(root, PublicName);
        ServerCertificate.Publish(certificate, published);
        return new AdminCertificate(certificate, published, temporary);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        if (_temporary is not null) Directory.Delete(_temporary, recursive: true);
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Emulator.ServiceBus.Administration;

/// <summary>
/// The admin port's certificate, self-signed for this machine's loopback names: some clients speak TLS to it or not at all. Trusted by naming
/// it as the one root it is (<see cref="PublicPath"/>). Kept in the state folder; without one, in a temporary folder that goes with it.
/// </summary>
/// <remarks>References: RFC 5280. Parameters: P-256 key, ECDSA with SHA-256, serverAuth, 825 days (the longest some platforms accept).</remarks>
internal sealed class AdminCertificate : IDisposable
{
    private const string KeptName = "admin.pem";
    private const string PublicName = "admin-certificate.pem";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(825);
    private static readonly TimeSpan RenewedBefore = TimeSpan.FromDays(30);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);

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

    /// <summary>The one kept in the folder, or a new one when there is none or it is about to expire.</summary>
    /// <param name="folder">Null for one that is not kept.</param>
    /// <param name="now">Real time: it is what clients check with.</param>
    /// <exception cref="InvalidDataException">The file is there and cannot be read; the message names it.</exception>
    public static AdminCertificate Open(string? folder, DateTimeOffset now)
    {
        var temporary = folder is null ? Directory.CreateTempSubdirectory("relay-servicebus-").FullName : null;
        var root = folder ?? temporary!;
        Directory.CreateDirectory(root);
        var (kept, published) = (Path.Combine(root, KeptName), Path.Combine(root, PublicName));
        var certificate = folder is null ? null : Load(kept, now);
        if (certificate is null)
        {
            certificate = Create(now);
            using var key = certificate.GetECDsaPrivateKey()!;
            if (folder is not null) Write(kept, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        }

        Write(published, certificate.ExportCertificatePem() + "\n");
        return new AdminCertificate(certificate, published, temporary);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        if (_temporary is not null) Directory.Delete(_temporary, recursive: true);
    }

    private static X509Certificate2? Load(string path, DateTimeOffset now)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(path);
            if (certificate.NotAfter.ToUniversalTime() > now.UtcDateTime + RenewedBefore) return certificate;
            certificate.Dispose();
            return null;
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException(
                $"The certificate file '{path}' cannot be read: expected a PEM certificate and its private key. Move it away; a new one is then made.", exception);
        }
    }

    /// <summary>Whole or not at all: a crash between leaves the old file, or none.</summary>
    private static void Write(string path, string content)
    {
        var temporary = path + ".tmp";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static X509Certificate2 Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Relay Service Bus emulator", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());

        // No CA: whoever trusts this certificate trusts this server alone, even should its key leak.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now - ClockSkew, now + Lifetime);
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Emulator.Hosting;

/// <summary>
/// An emulator's own certificate, self-signed for this machine's loopback names and
/// those it was told of. Trusted by pinning its thumbprint, or by naming it as
/// the one root it is; it cannot vouch for anything else.
/// </summary>
/// <remarks>
/// References: RFC 5280. Parameters: P-256 key, ECDSA with SHA-256, serverAuth, 825 days (the longest some platforms accept).
/// </remarks>
internal static class ServerCertificate
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(825);
    private static readonly TimeSpan RenewedBefore = TimeSpan.FromDays(30);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);

    /// <summary>
    /// The certificate kept in a file, or a new one kept there when there is none, it is about to expire, or it lacks a name.
    /// </summary>
    /// <param name="path">PEM with certificate and private key, the owner's alone.</param>
    /// <param name="subject">Such as <c>CN=Relay Key Vault emulator</c>.</param>
    /// <param name="hosts">Host names and addresses besides the loopback ones.</param>
    /// <param name="now">What clients check with.</param>
    /// <exception cref="InvalidDataException">The file is there and cannot be read; the message names it.</exception>
    public static (X509Certificate2 Certificate, bool IsNew) LoadOrCreate(
        string path, string subject, IReadOnlyCollection<string> hosts, DateTimeOffset now)
    {
        if (File.Exists(path))
        {
            OwnerFile.Protect(path);
            var kept = Load(path);
            if (kept.NotAfter.ToUniversalTime() > now.UtcDateTime + RenewedBefore && hosts.All(host => kept.MatchesHostname(host)))
            {
                return (kept, false);
            }
            kept.Dispose();
        }

        var certificate = Create(subject, hosts, now);
        using var key = certificate.GetECDsaPrivateKey()!;
        var pem = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        OwnerFile.Write(path, pem);
        CryptographicOperations.ZeroMemory(pem);
        return (certificate, true);
    }

    /// <param name="subject">Such as <c>CN=Relay Key Vault emulator</c>.</param>
    /// <param name="hosts">Host names and addresses besides the loopback ones.</param>
    /// <param name="now">The certificate is valid from a day before.</param>
    public static X509Certificate2 Create(string subject, IReadOnlyCollection<string> hosts, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in new HashSet<string>(["localhost", "127.0.0.1", "::1", .. hosts], StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
            else names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());

        // No CA: whoever trusts this certificate trusts this server alone, even should its key leak.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now - ClockSkew, now + Lifetime);
    }

    /// <summary>Writes the certificate without its private key, PEM, for clients that take a root.</summary>
    public static void Publish(X509Certificate2 certificate, string path) =>
        OwnerFile.Write(path, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n"), OwnerFile.Readable);

    /// <summary>SHA-256 of the DER certificate, lower-case hexadecimal.</summary>
    public static string ThumbprintOf(X509Certificate2 certificate) =>
        certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();

    private static X509Certificate2 Load(string path)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(path);
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException(
                $"The certificate file '{path}' cannot be read: expected a PEM certificate and its private key. " +
                "Restore it from a copy, or move it away; a new one is then made and clients have to trust it anew.",
                exception);
        }
    }
}

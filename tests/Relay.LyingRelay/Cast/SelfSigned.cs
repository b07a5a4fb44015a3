using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Relay.LyingRelay.Cast;

/// <summary>A certificate that commands can show.</summary>
internal static class SelfSigned
{
    public static string Pem(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(Company.Epoch.AddYears(-1), Company.Epoch.AddYears(20));
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}

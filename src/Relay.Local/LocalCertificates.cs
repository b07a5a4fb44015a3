using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Emulator.Hosting;
using Relay.Client.Files;

namespace Relay.Local;

/// <summary>
/// The certificates of a local stack beside the vault's: the function app's own for HTTPS, and one
/// for each delegation to show as a caller. Self-signed; each is made when it is first asked for,
/// and kept in the state folder as PEM.
/// </summary>
/// <remarks>References: RFC 5280. Parameters: P-256 key, ECDSA with SHA-256, 825 days (the longest some platforms accept).</remarks>
public static class LocalCertificates
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(825);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromDays(1);

    /// <summary>The function app's certificate without its key, for clients to trust.</summary>
    public static string ServerPath(string stateFolder) => Path.Combine(stateFolder, "http", "server.crt");

    /// <summary>A delegation's client certificate with its key, as <c>curl --cert</c> takes it.</summary>
    public static string ClientPath(string stateFolder, string delegation) =>
        Path.Combine(stateFolder, "delegations", delegation, "client.pem");

    /// <summary>A delegation's client certificate with its key, made at the first call; the caller disposes it.</summary>
    /// <exception cref="InvalidDataException">The file is there and is no certificate with its key.</exception>
    public static X509Certificate2 Client(string stateFolder, string delegation, TimeProvider time) =>
        LoadOrCreateClient(ClientPath(stateFolder, delegation), $"CN={delegation}", time);

    /// <summary>The certificate of the stack's operator with its key, made at the first call; the caller disposes it.</summary>
    /// <exception cref="InvalidDataException">The file is there and is no certificate with its key.</exception>
    public static X509Certificate2 Operator(string stateFolder, TimeProvider time) =>
        LoadOrCreateClient(Path.Combine(stateFolder, "operator", "client.pem"), "CN=operator", time);

    /// <summary>
    /// How a negotiation's document names the holder of a delegation's client
    /// certificate: SHA-256 of its SubjectPublicKeyInfo, lower-case hexadecimal.
    /// </summary>
    public static string CallerOf(string stateFolder, string delegation, TimeProvider time)
    {
        using var certificate = Client(stateFolder, delegation, time);
        return NameOf(certificate);
    }

    /// <summary>How the relay's settings name its operator, in the same way.</summary>
    public static string OperatorOf(string stateFolder, TimeProvider time)
    {
        using var certificate = Operator(stateFolder, time);
        return NameOf(certificate);
    }

    /// <summary>
    /// A client that reads a local stack over HTTPS as a delegation: shows its
    /// certificate, and trusts the stack's and no other. The caller disposes it.
    /// </summary>
    public static HttpClient OpenClient(LocalEndpoints endpoints, string stateFolder, string delegation, TimeProvider time) =>
        OpenClient(endpoints, Client(stateFolder, delegation, time));

    /// <summary>
    /// A client that reads a local stack over HTTPS with a certificate of the
    /// caller's, and trusts the stack's and no other. The caller disposes it.
    /// </summary>
    public static HttpClient OpenClient(LocalEndpoints endpoints, X509Certificate2 shown)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        using var server = X509CertificateLoader.LoadCertificateFromFile(endpoints.HttpsCertificate);
        var pinned = server.GetCertHashString(HashAlgorithmName.SHA256);
        // A proxy would look for localhost on its own machine.
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.ClientCertificates = [shown];
        handler.SslOptions.LocalCertificateSelectionCallback = (_, _, certificates, _, _) => certificates[0];
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString(
            HashAlgorithmName.SHA256) == pinned;
        return new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{endpoints.Https.Port}/") };
    }

    /// <summary>The function app's certificate with its key, a new one when it is about to expire; the caller disposes it.</summary>
    /// <exception cref="InvalidDataException">The file is there and is no certificate with its key.</exception>
    internal static X509Certificate2 Server(string stateFolder, TimeProvider time)
    {
        var path = Path.Combine(stateFolder, "http", "server.pem");
        PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
        var (certificate, isNew) = ServerCertificate.LoadOrCreate(path, "CN=Relay function app (local)", [], time.GetUtcNow());
        if (isNew) PrivateFile.Write(ServerPath(stateFolder), Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n"));
        return certificate;
    }

    private static string NameOf(X509Certificate2 certificate) =>
        Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    // A caller's key is named in the negotiation's document, so it stays what it is, however old.
    private static X509Certificate2 LoadOrCreateClient(string path, string subject, TimeProvider time)
    {
        if (File.Exists(path)) return Load(path);
        using var made = Create(subject, time.GetUtcNow());
        using var key = made.GetECDsaPrivateKey()!;
        PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
        var pem = Encoding.ASCII.GetBytes($"{made.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        PrivateFile.Write(path, pem);
        CryptographicOperations.ZeroMemory(pem);
        return Load(path);
    }

    private static X509Certificate2 Create(string subject, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);

        // No CA: whoever trusts this certificate trusts its holder alone.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2", "clientAuth")], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.CreateSelfSigned(now - ClockSkew, now + Lifetime);
    }

    private static X509Certificate2 Load(string path)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(path);
        }
        catch (CryptographicException exception)
        {
            throw new InvalidDataException(
                $"{path} is not a certificate with its key. Delete it to have a new one made; a caller's is then another one, and "
                    + "the negotiation's document has to name it.",
                exception);
        }
    }
}

using System.Net.Http;
using System.Net.Security;
using System.Security.Cryptography;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Keys;
using Relay.Azure.Diagnostics;
using Relay.Core.Ledger.Commit;

namespace Relay.Azure.Keys;

/// <summary>Makes the client of a vault.</summary>
public static class KeyClients
{
    /// <param name="vault">The vault.</param>
    /// <param name="credential">Asked for tokens when the vault challenges.</param>
    /// <param name="certificateThumbprint">SHA-256 in hexadecimal; used for a
    /// loopback vault, ignored for every other. Null for none.</param>
    /// <param name="clock">Is told the date of the vault's answers; null for nobody.</param>
    public static KeyClient Create(Uri vault, TokenCredential credential, string? certificateThumbprint, ServiceClock? clock = null)
    {
        var options = new KeyClientOptions();
        if (clock is not null) options.AddPolicy(new DatePolicy(clock), HttpPipelinePosition.PerRetry);
        // One attempt is short: the caller's deadline and back-off decide how long trying again makes sense.
        options.Retry.MaxRetries = 2;
        options.Retry.NetworkTimeout = TimeSpan.FromSeconds(5);
        if (certificateThumbprint is not null && vault.IsLoopback)
        {
            var thumbprint = Convert.FromHexString(certificateThumbprint);
            var handler = new SocketsHttpHandler
            {
                // A proxy would look for localhost on its own machine.
                UseProxy = false,
                SslOptions = new SslClientAuthenticationOptions
                {
                    // A pin in place of the chain: exactly this certificate, whoever signed it.
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                        certificate is not null && certificate.GetCertHash(HashAlgorithmName.SHA256).AsSpan().SequenceEqual(thumbprint),
                },
            };
            options.Transport = new HttpClientTransport(new HttpClient(handler));
            // The challenge of a vault on this machine names the cloud's resource, which localhost cannot be part of.
            options.DisableChallengeResourceVerification = true;
        }

        return new KeyClient(vault, credential, options);
    }
}

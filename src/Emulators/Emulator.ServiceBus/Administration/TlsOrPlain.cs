using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Emulator.ServiceBus.Administration;

/// <summary>
/// One port for both: .NET's administration client speaks plain HTTP to an emulator, the JavaScript one TLS whatever it is told. The first
/// byte tells them apart: a TLS record of a handshake begins with 22, no HTTP method does.
/// </summary>
internal static class TlsOrPlain
{
    private const byte HandshakeRecord = 22;
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(10);

    public static void UseTlsOrPlain(this ListenOptions listen, X509Certificate2 certificate) => listen.Use(next => async context =>
    {
        if (await FirstBytes.PeekAsync(context, 1).ConfigureAwait(false) is not { Length: > 0 } first) return;
        if (first[0] == HandshakeRecord) await SecureAsync(context, certificate, next).ConfigureAwait(false);
        else await next(context).ConfigureAwait(false);
    });

    private static async Task SecureAsync(ConnectionContext context, X509Certificate2 certificate, ConnectionDelegate next)
    {
        var plain = context.Transport;
        var stream = new SslStream(new DuplexStream(plain), leaveInnerStreamOpen: false);
        await using (stream.ConfigureAwait(false))
        {
            using var timeout = new CancellationTokenSource(Handshake, TimeProvider.System);
            try
            {
                var options = new SslServerAuthenticationOptions
                {
                    ServerCertificate = certificate,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                };
                await stream.AuthenticateAsServerAsync(options, timeout.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException)
            {
                // A peer that does not trust the certificate, or does not speak TLS: its connection ends.
                return;
            }

            context.Features.Set<ITlsConnectionFeature>(new NoClientCertificate());
            var secured = new Duplex(
                PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)),
                PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
            context.Transport = secured;
            try
            {
                await next(context).ConfigureAwait(false);
            }
            finally
            {
                context.Transport = plain;
                await secured.Input.CompleteAsync().ConfigureAwait(false);
                await secured.Output.CompleteAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Its presence makes the requests' scheme https.</summary>
    private sealed class NoClientCertificate : ITlsConnectionFeature
    {
        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(
            null);
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}

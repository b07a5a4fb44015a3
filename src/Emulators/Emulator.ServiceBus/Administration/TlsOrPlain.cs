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
    private static readonly TimeSpan FirstByte = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(10);

    public static void UseTlsOrPlain(this ListenOptions listen, X509Certificate2 certificate) => listen.Use(next => async context =>
    {
        if (await IsTlsAsync(context).ConfigureAwait(false) is not { } isTls) return;
        if (isTls) await SecureAsync(context, certificate, next).ConfigureAwait(false);
        else await next(context).ConfigureAwait(false);
    });

    /// <summary>Null when the peer says nothing.</summary>
    private static async Task<bool?> IsTlsAsync(ConnectionContext context)
    {
        using var timeout = new CancellationTokenSource(FirstByte, TimeProvider.System);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.ConnectionClosed);
        try
        {
            var read = await context.Transport.Input.ReadAsync(linked.Token).ConfigureAwait(false);
            bool? isTls = read.Buffer.IsEmpty ? null : read.Buffer.FirstSpan[0] == HandshakeRecord;
            context.Transport.Input.AdvanceTo(read.Buffer.Start);
            return isTls;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return null;
        }
    }

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
            var secured = new Duplex(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
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

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    /// <summary>Both directions of a pipe as one stream.</summary>
    private sealed class DuplexStream(IDuplexPipe pipe) : Stream
    {
        private readonly Stream _input = pipe.Input.AsStream(leaveOpen: true);
        private readonly Stream _output = pipe.Output.AsStream(leaveOpen: true);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _input.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _output.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => _output.FlushAsync(cancellationToken);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

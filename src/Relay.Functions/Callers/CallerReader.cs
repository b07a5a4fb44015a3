using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Relay.Core.Directory;
using Relay.Protocol.Negotiations;

namespace Relay.Functions.Callers;

/// <summary>
/// Reads who a request is from: the client certificate of the connection, the one that App
/// Service's front end vouches for, or an Entra access token. Whatever is presented must hold:
/// a bad proof beside a good one is refused. Safe for concurrent use.
/// </summary>
/// <remarks>
/// A certificate is taken for the key in it, which TLS proves the caller holds and
/// the negotiation's document names; who issued it says nothing and is not asked.
/// </remarks>
public sealed class CallerReader
{
    private const string FrontEndHeader = "X-ARR-ClientCert";
    private const int MaxHeader = 16 * 1_024;

    private readonly AccessTokens _tokens;
    private readonly bool _frontEnd;
    private readonly string _operatorRole;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _operatorKeys;
    private readonly TimeProvider _time;

    public CallerReader(
        AccessTokens tokens,
        IOptions<CallerOptions> options,
        IOptions<OperatorOptions> operators,
        IConfiguration configuration,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(operators);
        ArgumentNullException.ThrowIfNull(configuration);
        _tokens = tokens;
        _time = time;
        _operatorRole = operators.Value.Role;
        _operatorKeys =
        [
            .. operators.Value.Certificates.Select(text => CallerName.TryParse(text, out var pin) ? pin.PublicKeyHash : null)
                .OfType<ReadOnlyMemory<byte>>(),
        ];
        _frontEnd = FrontEnd.VouchesFor(options.Value, configuration);
    }

    /// <summary>Reads it. Never throws on what a caller sent.</summary>
    public async ValueTask<CallerRead> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (ReadCertificate(context, out var hash) is { } bad) return Refused(bad);
        Guid? objectId = null;
        var isOperator = hash is { } own && _operatorKeys.Any(pin => pin.Span.SequenceEqual(own.Span));
        if (context.Request.Headers.Authorization is { Count: > 0 } authorization)
        {
            var token = await _tokens.ValidateAsync(authorization, cancellationToken);
            if (token.ObjectId is null) return new CallerRead(null, token.Problem, token.Unavailable);
            objectId = token.ObjectId;
            isOperator |= token.Roles.Contains(_operatorRole, StringComparer.Ordinal);
        }

        return hash is null && objectId is null
            ? Refused("expected a client certificate or an access token, got neither")
            : new CallerRead(new Caller(hash, objectId), "", false) { IsOperator = isOperator };
    }

    private static CallerRead Refused(string problem) => new(null, problem, false);

    private string? ReadCertificate(HttpContext context, out ReadOnlyMemory<byte>? hash)
    {
        hash = null;
        if (context.Connection.ClientCertificate is { } connected) return Check(connected, out hash);
        if (!_frontEnd || !context.Request.Headers.TryGetValue(FrontEndHeader, out var header)) return null;
        const string Expected = $"expected one certificate in {FrontEndHeader}, got something else";
        if (header.Count != 1 || header[0] is not { Length: > 0 and <= MaxHeader } text) return Expected;
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text));
            return Check(certificate, out hash);
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return Expected;
        }
    }

    private string? Check(X509Certificate2 certificate, out ReadOnlyMemory<byte>? hash)
    {
        hash = null;
        var now = _time.GetUtcNow().UtcDateTime;
        if (now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime())
        {
            return $"expected a client certificate valid now, got one from {certificate.NotBefore.ToUniversalTime():u} until "
                + $"{certificate.NotAfter.ToUniversalTime():u}";
        }

        hash = SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
        return null;
    }
}

using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Emulator.KeyVault.Diagnostics;

namespace Emulator.KeyVault.Http;

/// <summary>Takes every HTTP request: token, API version, address, body; then the operation; then the answer.</summary>
internal sealed class VaultRequests(
    KeyManagement management, KeyCryptography cryptography, KeyLists lists, TimeProvider time, Func<bool>? isBusy, ILogger logger)
{
    /// <summary>The largest legal body, an imported RSA key of 4,096 bits with 15 tags, is below 16 KiB.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    private static readonly string[] NotEmulated =
        ["decrypt", "encrypt", "wrapkey", "unwrapkey", "backup", "restore", "release", "rotationpolicy", "attestation", "deletedkeys"];

    // The service asks for a second or more.
    private const string RetryAfterSeconds = "1";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    private int _refused;

    public async Task HandleAsync(HttpContext context)
    {
        var reply = isBusy?.Invoke() == true
            ? VaultReply.Busy((Interlocked.Increment(ref _refused) & 1) == 1)
            : await AnswerAsync(context).ConfigureAwait(false);
        if (reply.Code is not null)
        {
            KeyVaultLog.Refused(logger, context.Request.Method, context.Request.Path, reply.Status, reply.Code, reply.Reason);
        }

        var response = context.Response;
        response.StatusCode = reply.Status;
        response.Headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        response.Headers.CacheControl = "no-cache";
        response.Headers.Date = time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        if (reply.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = RetryAfterSeconds;
        }

        if (reply.Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = BearerTokens.Challenge;
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            reply.Write(writer);
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = body.WrittenCount;
        await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task<VaultReply> AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        try
        {
            if (!BearerTokens.TryAccept(request.Headers.Authorization, time.GetUtcNow(), out var reason))
            {
                return VaultReply.Unauthorized(reason);
            }
            if (string.IsNullOrEmpty(request.Query["api-version"])) return VaultReply.BadParameter("Parameter 'api-version' was expected.");

            var path = request.Path.Value ?? string.Empty;
            if (NotEmulated.FirstOrDefault(operation => path.TrimEnd('/').EndsWith("/" + operation, StringComparison.OrdinalIgnoreCase)
                || path.StartsWith($"/{operation}/", StringComparison.OrdinalIgnoreCase)) is { } missing)
            {
                return VaultReply.NotEmulated(missing);
            }

            if (!KeyAddress.TryParse(path, out var address)) return VaultReply.NoSuchAddress(path);
            if (address.Name is not null && !KeyAddress.IsName(address.Name))
            {
                return VaultReply.BadParameter(
                    $"The key's name was expected to be 1 to {KeyAddress.MaxNameCharacters} ASCII letters, digits and hyphens.");
            }

            return await OperateAsync(request, address, path, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException)
        {
            return VaultReply.BadParameter(
                "The body was expected to be one JSON object, without duplicate members, nested at most 8 deep.");
        }
        catch (BadHttpRequestException exception)
        {
            return exception.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? VaultReply.TooLarge($"The body was expected to have at most {MaxBodyBytes} bytes.")
                : new(exception.StatusCode, "BadRequest", "The request could not be read.", null, null);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            KeyVaultLog.Failed(logger, exception, request.Method, request.Path);
            return VaultReply.Unexpected();
        }
    }

    private async Task<VaultReply> OperateAsync(HttpRequest request, KeyAddress address, string path, CancellationToken cancellationToken)
    {
        var name = address.Name ?? string.Empty;
        switch (request.Method, address)
        {
            case ("GET", { Name: null }): return lists.Keys(request.Query);
            case ("GET", { Operation: null }): return management.Get(name, address.Version);
            case ("GET", { Operation: "versions", Version: null }): return lists.Versions(name, request.Query);
            case (
                "POST",
                { Operation: "rotate", Version: null }):
                return await management.RotateAsync(name, cancellationToken).ConfigureAwait(false);
            case ("DELETE", { Name: not null, Version: null, Operation: null }): return VaultReply.NotEmulated("delete");
        }

        var known = (request.Method, address) switch
        {
            ("POST", { Operation: "create", Version: null }) => true,
            ("POST", { Operation: "sign" or "verify" }) => true,
            ("PUT", { Name: not null, Version: null, Operation: null }) => true,
            ("PATCH", { Name: not null, Operation: null }) => true,
            _ => false,
        };
        if (!known) return VaultReply.MethodNotAllowed(request.Method, path);

        using var body = await JsonDocument.ParseAsync(request.Body, Strict, cancellationToken).ConfigureAwait(false);
        var json = body.RootElement;
        if (json.ValueKind != JsonValueKind.Object)
        {
            return VaultReply.BadParameter($"The body was expected to be a JSON object, got {json.ValueKind}.");
        }
        return (request.Method, address.Operation) switch
        {
            ("POST", "create") => await management.CreateAsync(name, json, cancellationToken).ConfigureAwait(false),
            ("POST", "sign") => cryptography.Sign(name, address.Version, json),
            ("POST", _) => cryptography.Verify(name, address.Version, json),
            ("PUT", _) => await management.ImportAsync(name, json, cancellationToken).ConfigureAwait(false),
            _ => await management.UpdateAsync(name, address.Version, json, cancellationToken).ConfigureAwait(false),
        };
    }
}

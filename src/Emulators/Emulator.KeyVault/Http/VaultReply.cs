using System.Text.Json;

namespace Emulator.KeyVault.Http;

/// <summary>What a request is answered with: a JSON object, or an error of the service's form.</summary>
/// <param name="Code">Null for a success.</param>
/// <param name="Reason">What was expected and what came; goes to the client.</param>
/// <param name="InnerCode">Closer to the cause than <paramref name="Code"/>; null for none.</param>
/// <param name="Body">Writes the members of a success.</param>
internal sealed record VaultReply(int Status, string? Code, string Reason, string? InnerCode, Action<Utf8JsonWriter>? Body)
{
    public static VaultReply Ok(Action<Utf8JsonWriter> body) => new(200, null, string.Empty, null, body);

    public static VaultReply BadParameter(string reason) => new(400, "BadParameter", reason, null, null);

    public static VaultReply Unauthorized(string reason) => new(401, "Unauthorized", reason, null, null);

    public static VaultReply Forbidden(string reason, string innerCode) => new(403, "Forbidden", reason, innerCode, null);

    public static VaultReply KeyNotFound(string name, string? version) => new(
        404,
        "KeyNotFound",
        $"A key with (name/id) {name}{(version is null ? string.Empty : "/" + version)} was not found in this key vault.",
        null,
        null);

    public static VaultReply NoSuchAddress(string path) => new(
        404,
        "ResourceNotFound",
        $"Expected /keys, /keys/{{name}} or /keys/{{name}}/{{version}}, with or without an operation; got {path}.",
        null,
        null);

    public static VaultReply MethodNotAllowed(string method, string path) =>
        new(405, "MethodNotAllowed", $"{method} is not possible on {path}.", null, null);

    public static VaultReply TooLarge(string reason) => new(413, "RequestBodyTooLarge", reason, null, null);

    public static VaultReply Unexpected() => new(500, "InternalServerError", "The emulator failed; its log says more.", null, null);

    /// <summary>Of a service that has too much to do: Key Vault's words for throttling, or for a part of it that is away.</summary>
    public static VaultReply Busy(bool isThrottled) => isThrottled
        ? new(429, "Throttled", "Request was not processed because too many requests were received.", null, null)
        : new(503, "ServiceUnavailable", "The service is temporarily unavailable.", null, null);

    public static VaultReply NotEmulated(string operation) => new(
        501,
        "NotImplemented",
        $"This emulator does not do '{operation}': it creates, imports, reads, lists, updates and rotates keys, signs and verifies.",
        null,
        null);

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (Body is not null)
        {
            Body(writer);
        }
        else
        {
            writer.WriteStartObject("error");
            writer.WriteString("code", Code);
            writer.WriteString("message", Reason);
            if (InnerCode is not null)
            {
                writer.WriteStartObject("innererror");
                writer.WriteString("code", InnerCode);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Emulator.KeyVault.Tests;

/// <summary>A raw answer of the vault.</summary>
internal sealed record VaultAnswer(int Status, string Text, JsonDocument Json, HttpResponseHeaders Headers) : IDisposable
{
    public string? ErrorCode => Json.RootElement.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString() : null;

    public void Dispose() => Json.Dispose();
}

/// <summary>Requests by hand, for what a well-behaved client does not send.</summary>
internal static class VaultReplies
{
    private const string Version = "api-version=2025-07-01";
    private const int LongBody = 16 * 1024;

    public static Task<VaultAnswer> PostAsync(this VaultFixture vault, string path, object body) =>
        vault.SendAsync(HttpMethod.Post, path, JsonSerializer.Serialize(body));

    /// <param name="path">With a query it is taken as it is; without, the API version is added.</param>
    /// <param name="token">Null sends no Authorization header.</param>
    public static async Task<VaultAnswer> SendAsync(
        this VaultFixture vault, HttpMethod method, string path, string? body = null, string? token = "Bearer local")
    {
        using var request = new HttpRequestMessage(method, path.Contains('?', StringComparison.Ordinal) ? path : $"{path}?{Version}");
        if (token is not null) Assert.True(request.Headers.TryAddWithoutValidation("Authorization", token));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        // A refusal may come before a long body has been sent, and the rest of it would meet a closed connection.
        request.Headers.ExpectContinue = body?.Length > LongBody;
        using var response = await vault.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new((int)response.StatusCode, text, JsonDocument.Parse(text), response.Headers);
    }
}

using System.Net;

namespace StandIns.Tests.KeyVault;

/// <summary>Answers requests from a script and keeps what was sent; fails the test when the script is over.</summary>
internal sealed class ScriptedHandler(params Func<ScriptedHandler.Sent, HttpResponseMessage>[] script) : HttpMessageHandler
{
    public List<Sent> Requests { get; } = [];

    /// <summary>What a vault answers to a request without token.</summary>
    public static HttpResponseMessage Challenge(string resource = "https://vault.azure.net", string tenant = "tenant-1") =>
        new(HttpStatusCode.Unauthorized)
        {
            Headers =
        {
            { "WWW-Authenticate", $"Bearer authorization=\"https://login.microsoftonline.com/{tenant}\", resource=\"{resource}\"" },
        },
        };

    public static HttpResponseMessage Json(HttpStatusCode status, string json) =>
        new(status) { Content = new StringContent(json, null, "application/json") };

    public static HttpResponseMessage Key(string id = "https://v.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef") => Json(HttpStatusCode.OK, $$$"""
        {"key":{"kid":"{{{id}}}","kty":"EC","key_ops":["sign","verify"],"crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","unheard":{"of":1}},
         "attributes":{"enabled":true,"nbf":1,"exp":2,"created":3,"updated":4,"recoveryLevel":"Recoverable+Purgeable","recoverableDays":90,"exportable":false,"hsmPlatform":"0"},"tags":{"a":"b"}}
        """);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
        var sent = new Sent(request.Method.Method, request.RequestUri!, request.Headers.Authorization?.ToString(), body);
        Requests.Add(sent);
        Assert.True(Requests.Count <= script.Length, $"An unexpected request: {sent}");
        var response = script[Requests.Count - 1](sent);
        response.RequestMessage = request;
        return response;
    }

    /// <summary>One request as it was sent.</summary>
    internal sealed record Sent(string Method, Uri Uri, string? Authorization, string? Body);
}

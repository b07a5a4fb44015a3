using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Emulator.KeyVault.Tests;

public sealed class HostileRequestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_WithoutApiVersion_IsBadParameter()
    {
        await using var vault = await VaultFixture.StartAsync();
        using var reply = await vault.SendAsync(HttpMethod.Get, "/keys?x=1");
        Assert.Equal((400, "BadParameter"), (reply.Status, reply.ErrorCode));
        Assert.Contains("api-version", reply.Text, StringComparison.Ordinal);
    }

    /// <summary>What a page of the web can bring a browser to ask, whatever else the request holds.</summary>
    [Theory]
    [InlineData("evil.example", null)]
    [InlineData("localhost.evil.example:443", null)]
    [InlineData("localhost", "https://evil.example")]
    [InlineData("localhost", "null")]
    public async Task Request_OfAForeignHostOrOrigin_IsForbiddenAndDoesNothing(string host, string? origin)
    {
        await using var vault = await VaultFixture.StartAsync();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, "/keys/k/create?api-version=7.4")
        { Content = new StringContent("{\"kty\":\"EC\"}") };
        request.Headers.Host = host;
        request.Headers.Add("Authorization", "Bearer local");
        if (origin is not null) request.Headers.Add("Origin", origin);

        using var response = await vault.Http.SendAsync(request, Cancel);

        Assert.Equal(403, (int)response.StatusCode);
        Assert.StartsWith("Expected", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        using var list = await vault.SendAsync(HttpMethod.Get, "/keys");
        Assert.Equal(0, list.Json.RootElement.GetProperty("value").GetArrayLength());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("{")]
    [InlineData("{\"kty\":\"EC\"} x")]
    [InlineData("{\"kty\":\"EC\",\"kty\":\"RSA\"}")]
    [InlineData("{}")]
    [InlineData("{\"kty\":null}")]
    [InlineData("{\"kty\":1}")]
    [InlineData("{\"kty\":\"EC\",\"crv\":\"P-257\"}")]
    [InlineData("{\"kty\":\"EC\",\"crv\":\"P-256K\"}")]
    [InlineData("{\"kty\":\"EC\",\"crv\":256}")]
    [InlineData("{\"kty\":\"RSA\",\"key_size\":\"2048\"}")]
    [InlineData("{\"kty\":\"RSA\",\"key_size\":-2048}")]
    [InlineData("{\"kty\":\"RSA\",\"key_size\":2048.5}")]
    [InlineData("{\"kty\":\"RSA\",\"key_size\":1e400}")]
    [InlineData("{\"kty\":\"RSA\",\"key_size\":512}")]
    [InlineData("{\"kty\":\"RSA\",\"public_exponent\":3}")]
    [InlineData("{\"kty\":\"EC\",\"key_ops\":\"sign\"}")]
    [InlineData("{\"kty\":\"EC\",\"key_ops\":[1]}")]
    [InlineData("{\"kty\":\"EC\",\"key_ops\":[\"encrypt\"]}")]
    [InlineData("{\"kty\":\"EC\",\"attributes\":[]}")]
    [InlineData("{\"kty\":\"EC\",\"attributes\":{\"enabled\":\"yes\"}}")]
    [InlineData("{\"kty\":\"EC\",\"attributes\":{\"exp\":-1}}")]
    [InlineData("{\"kty\":\"EC\",\"attributes\":{\"exp\":9223372036854775807}}")]
    [InlineData("{\"kty\":\"EC\",\"attributes\":{\"exp\":99999999999999999999}}")]
    [InlineData("{\"kty\":\"EC\",\"attributes\":{\"nbf\":20,\"exp\":10}}")]
    [InlineData("{\"kty\":\"EC\",\"tags\":{\"a\":1}}")]
    [InlineData("{\"kty\":\"EC\",\"tags\":[]}")]
    [InlineData("{\"kty\":\"EC\",\"a\":[[[[[[[[[[1]]]]]]]]]]}")]
    public async Task Create_WithABadBody_IsBadParameterAndMakesNothing(string body)
    {
        await using var vault = await VaultFixture.StartAsync();
        using var reply = await vault.SendAsync(HttpMethod.Post, "/keys/k/create", body);
        Assert.Equal((400, "BadParameter"), (reply.Status, reply.ErrorCode));

        using var list = await vault.SendAsync(HttpMethod.Get, "/keys");
        Assert.Equal(0, list.Json.RootElement.GetProperty("value").GetArrayLength());
    }

    [Fact]
    public async Task Create_WithTooManyOrTooLongTags_IsBadParameter()
    {
        await using var vault = await VaultFixture.StartAsync();
        var many = Enumerable.Range(0, 16).ToDictionary(i => i.ToString(CultureInfo.InvariantCulture), _ => "x");
        using var tooMany = await vault.PostAsync("/keys/k/create", new { kty = "EC", tags = many });
        using var tooLong = await vault.PostAsync("/keys/k/create", new { kty = "EC", tags = new { a = new string('x', 257) } });
        using var most = await vault.PostAsync(
            "/keys/k/create", new { kty = "EC", tags = many.Take(15).ToDictionary(tag => tag.Key, _ => new string('x', 256)) });

        Assert.Equal([400, 400, 200], new[] { tooMany.Status, tooLong.Status, most.Status });
    }

    [Theory]
    [InlineData("{\"alg\":\"ES256\"}")]
    [InlineData("{\"alg\":\"ES256\",\"value\":1}")]
    [InlineData("{\"alg\":\"ES256\",\"value\":\"***\"}")]
    [InlineData("{\"value\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}")]
    [InlineData("{\"alg\":[],\"value\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}")]
    public async Task SignAndVerify_WithABadBody_AreBadParameter(string body)
    {
        await using var vault = await VaultFixture.StartAsync();
        using var created = await vault.PostAsync("/keys/k/create", new { kty = "EC" });
        using var sign = await vault.SendAsync(HttpMethod.Post, "/keys/k/sign", body);
        using var verify = await vault.SendAsync(HttpMethod.Post, "/keys/k/verify", body);

        Assert.Equal((400, "BadParameter"), (sign.Status, sign.ErrorCode));
        Assert.Equal((400, "BadParameter"), (verify.Status, verify.ErrorCode));
    }

    [Theory]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/secrets", 404)]
    [InlineData("GET", "/keys/a/b/c/d", 404)]
    [InlineData("GET", "/keysx", 404)]
    [InlineData("GET", "/keys/under_score", 400)]
    [InlineData("GET", "/keys/..%2f..%2fetc", 400)]
    [InlineData("GET", "/keys/%2e%2e%2f", 400)]
    [InlineData("GET", "/keys//versions", 400)]
    [InlineData("DELETE", "/keys/k", 501)]
    [InlineData("GET", "/deletedkeys/k", 501)]
    [InlineData("POST", "/keys/k/encrypt", 501)]
    [InlineData("POST", "/keys/k/0123456789abcdef0123456789abcdef/unwrapkey", 501)]
    [InlineData("GET", "/keys/k/rotationpolicy", 501)]
    [InlineData("POST", "/keys", 405)]
    [InlineData("PUT", "/keys/k/create", 405)]
    [InlineData("POST", "/keys/k", 405)]
    [InlineData("POST", "/keys/k/unheard-of", 405)]
    [InlineData("GET", "/keys?api-version=7.4&maxresults=0", 400)]
    [InlineData("GET", "/keys?api-version=7.4&maxresults=26", 400)]
    [InlineData("GET", "/keys?api-version=7.4&maxresults=1e1", 400)]
    [InlineData("GET", "/keys?api-version=7.4&$skiptoken=%00", 400)]
    [InlineData("GET", "/keys?api-version=7.4&maxresults=25", 200)]
    public async Task Request_OfAnyAddressAndMethod_HasItsStatusAndAnErrorBody(string method, string path, int expected)
    {
        await using var vault = await VaultFixture.StartAsync();
        using var reply = await vault.SendAsync(HttpMethod.Parse(method), path, method == "GET" ? null : "{}");

        Assert.Equal(expected, reply.Status);
        Assert.Equal(expected == 200, reply.ErrorCode is null);
    }

    [Fact]
    public async Task Request_WithANameAtTheLimit_IsTakenAndAboveItRefused()
    {
        await using var vault = await VaultFixture.StartAsync();
        using var longest = await vault.PostAsync($"/keys/{new string('a', 127)}/create", new { kty = "EC" });
        using var longer = await vault.PostAsync($"/keys/{new string('a', 128)}/create", new { kty = "EC" });

        Assert.Equal((200, 400), (longest.Status, longer.Status));
    }

    [Theory]
    [InlineData("/keys/k/")]
    [InlineData("/keys/k/{v}/")]
    public async Task Get_WithATrailingSlash_FindsTheKey(string path)
    {
        await using var vault = await VaultFixture.StartAsync();
        using var created = await vault.PostAsync("/keys/k/create/", new { kty = "EC" });
        var id = created.Json.RootElement.GetProperty("key").GetProperty("kid").GetString()!;
        using var read = await vault.SendAsync(HttpMethod.Get, path.Replace("{v}", id[^32..].ToUpperInvariant(), StringComparison.Ordinal));

        Assert.Equal(id, read.Json.RootElement.GetProperty("key").GetProperty("kid").GetString());
    }

    [Theory]
    [InlineData("/keys/k/sign")]
    [InlineData("/keys/k/sign/")]
    [InlineData("/keys/k//sign")]
    [InlineData("/keys/k/{v}/sign")]
    [InlineData("/keys/k/{v}/sign/")]
    public async Task Sign_AtEachFormOfAddress_Signs(string path)
    {
        await using var vault = await VaultFixture.StartAsync();
        using var created = await vault.PostAsync("/keys/k/create", new { kty = "EC" });
        var id = created.Json.RootElement.GetProperty("key").GetProperty("kid").GetString()!;
        using var signed = await vault.PostAsync(
            path.Replace("{v}", id[^32..], StringComparison.Ordinal), new { alg = "ES256", value = new string('A', 43) });

        Assert.Equal(id, signed.Json.RootElement.GetProperty("kid").GetString());
    }

    [Fact]
    public async Task Body_OverTheLimit_IsRefusedAndTheVaultGoesOn()
    {
        await using var vault = await VaultFixture.StartAsync();
        using var tooLarge = await vault.SendAsync(
            HttpMethod.Post, "/keys/k/create", $"{{\"kty\":\"EC\",\"x\":\"{new string('a', 70_000)}\"}}");
        using var next = await vault.PostAsync("/keys/k/create", new { kty = "EC" });

        Assert.Equal((413, "RequestBodyTooLarge"), (tooLarge.Status, tooLarge.ErrorCode));
        Assert.Equal(200, next.Status);
    }

    [Fact]
    public async Task Body_OfEveryPrefixAndByteChange_IsAnswered()
    {
        await using var vault = await VaultFixture.StartAsync();
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = pair.ExportParameters(true);
        var body = $$$"""{"key":{"kty":"EC","crv":"P-256","x":"{{{Url(parameters.Q.X!)}}}","y":"{{{Url(parameters.Q.Y!)}}}","d":"{{{Url(parameters.D!)}}}"}}""";
        for (var i = 0; i < body.Length; i++)
        {
            using var prefix = await vault.SendAsync(HttpMethod.Put, "/keys/k", body[..i]);
            var changed = new StringBuilder(body) { [i] = body[i] == '0' ? '1' : '0' };
            using var flipped = await vault.SendAsync(HttpMethod.Put, "/keys/k", changed.ToString());

            // A change outside the values may leave a body that means the same,
            // or one that still is a key pair; nothing may fail unexpectedly.
            Assert.Equal(400, prefix.Status);
            Assert.True(flipped.Status is 200 or 400, $"{changed}: {flipped.Status}");
        }
    }

    [Fact]
    public async Task Body_OfRandomBytes_IsAnswered()
    {
        await using var vault = await VaultFixture.StartAsync();
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 200; i++)
        {
            var bytes = new byte[random.Next(300)];
            random.NextBytes(bytes);
            using var request = new HttpRequestMessage(
                HttpMethod.Post, "/keys/k/create?api-version=7.4")
            { Content = new ByteArrayContent(bytes) };
            request.Headers.Authorization = new("Bearer", "local");
            using var response = await vault.Http.SendAsync(request, Cancel);
            Assert.Equal(400, (int)response.StatusCode);
        }
    }

    private static string Url(byte[] value) => System.Buffers.Text.Base64Url.EncodeToString(value);
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Azure.Security.KeyVault.Keys;
using Emulator.FunctionsHost;
using Emulator.KeyVault;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Azure.Ledger;
using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.IntegrationTests;

/// <summary>A ledger served by the function app over HTTPS, read with a client certificate as a mirror would.</summary>
public sealed class LedgerMirrorTests : IAsyncLifetime
{
    private const string Negotiation = "doha-2026";
    private const int Entries = 300;

    private readonly string _folder = Directory.CreateTempSubdirectory("relay-mirror-test-").FullName;
    private LocalCertifier _certifier = null!;
    private KeyVaultEmulator _vault = null!;
    private LocalIdentity _identity = null!;
    private X509Certificate2 _server = null!;
    private X509Certificate2 _client = null!;
    private StoredLedger _ledger = null!;
    private FunctionsHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = Make("server");
        _client = Make("client");
        var caller = Convert.ToHexStringLower(SHA256.HashData(_client.PublicKey.ExportSubjectPublicKeyInfo()));
        await File.WriteAllTextAsync(
            Path.Combine(_folder, $"{Negotiation}.json"),
            $$"""
            { "negotiation": "{{Negotiation}}", "version": 1, "quorum": 1,
              "delegations": { "us": { "topic": "delegation-us" }, "iran": { "topic": "delegation-iran", "callers": ["{{caller}}"] } },
              "mediators": { "qatar": { "key": "https://kv.vault.azure.net/keys/mediator-qatar", "weight": 1 } } }
            """,
            Token);
        _vault = await KeyVaultEmulator.StartAsync(new KeyVaultEmulatorOptions { StateFolder = Path.Combine(_folder, "vault") }, Token);
        _identity = await LocalIdentity.StartAsync("relay", TimeProvider.System, NullLoggerFactory.Instance, Token);
        _certifier = new LocalCertifier(await ImportKeyAsync());
        var written = new MemoryLedgerStore();
        var ledger = _ledger = new StoredLedger(written, _certifier, Negotiation);
        var now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        await ledger.CommitPolicyAsync(now, Token);
        await ledger.CommitAsync("us", Lane.Normal, Entries, now, Token);
        await CopyAsync(written);
        _host = await FunctionsHost.StartAsync(
            new FunctionsHostOptions
            {
                AppFolder = LocalWorker.DefaultFolder,
                ServerCertificate = _server,
                Settings = new Dictionary<string, string?>(LocalWorker.Settings(_identity, NullLoggerFactory.Instance))
                {
                    ["ServiceBus"] = "Endpoint=sb://localhost;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true;",
                    ["Relay:Directory:Folder"] = _folder,
                    ["Relay:Ledger:Folder"] = Path.Combine(_folder, "ledger"),
                    ["Relay:Ledger:RelayName"] = StoredLedger.RelayName,
                    ["Relay:Ledger:VaultUri"] = _vault.VaultUri.AbsoluteUri,
                    ["Relay:KeyVault:CertificateThumbprint"] = _vault.CertificateThumbprint,
                    ["AzureWebJobs.RelayEnvelope.Disabled"] = "true",
                    ["AzureWebJobs.RelayUrgentEnvelope.Disabled"] = "true",
                },
            },
            Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        await _identity.DisposeAsync();
        await _vault.DisposeAsync();
        _server.Dispose();
        _client.Dispose();
        _ledger.Dispose();
        _certifier.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task ServedLedger_AuditedOverHttps_IsWhole()
    {
        using var http = Client(_client);
        var keys = new PinnedMediatorKeys(new Dictionary<string, VerificationKey> { [_certifier.KeyId] = _certifier.PublicKey });
        using var trust = new LedgerTrust(
            StoredLedger.RelayName, Negotiation, _certifier.KeyId[.._certifier.KeyId.LastIndexOf('/')], keys, TimeProvider.System);
        var log = new HttpLedgerLog(http, Negotiation, TimeProvider.System);
        var report = await new LedgerAuditor(
            trust,
            new LedgerView(trust.Origin),
            log,
            Judge(),
            "iran",
            TimeSpan.FromHours(1),
            TimeSpan.Zero,
            TimeProvider.System).RunAsync([], Token);
        Assert.Empty(report.Findings);
        Assert.Equal((Entries + 1, Entries, 0), (report.Entries, report.UnderWay, report.Arrived));
        Assert.NotNull(await log.FindReceiptAsync(new EnvelopeId(Negotiation, "us", Lane.Normal, Entries), Token));
        Assert.Null(await log.FindReceiptAsync(new EnvelopeId(Negotiation, "us", Lane.Normal, Entries + 1), Token));
        Assert.NotEmpty((await log.FindConsistencyAsync(7, Entries, Token))!.Value);
    }

    // The document in the directory names callers too; what the entries were judged by is the one that the ledger keeps.
    private EntryJudge Judge()
    {
        Assert.True(NegotiationDocument.TryParse(_ledger.Document, out var document, out var errors), string.Join(' ', errors));
        Assert.True(VerificationKey.TryCreate(_ledger.MediatorKey, out var key, out var error), error);
        return new EntryJudge(
            [document], new PinnedMediatorKeys(new Dictionary<string, VerificationKey> { [_ledger.MediatorKey.KeyId!] = key }));
    }

    [Fact]
    public async Task ServedPolicy_ByItsDigest_IsTheDocumentByteForByte()
    {
        using var http = Client(_client);
        foreach (var (digest, status) in new[]
        {
            (Digest.Of(_ledger.Document).ToString(), HttpStatusCode.OK),
            (Digest.Of("another"u8).ToString(), HttpStatusCode.NotFound),
            ("x", HttpStatusCode.NotFound),
        })
        {
            using var response = await http.GetAsync(new Uri($"api/negotiations/{Negotiation}/policies/{digest}", UriKind.Relative), Token);
            Assert.Equal(status, response.StatusCode);
            if (status == HttpStatusCode.OK) Assert.Equal(_ledger.Document, await response.Content.ReadAsByteArrayAsync(Token));
        }
    }

    [Fact]
    public async Task ServedLedger_WithoutTheCertificate_IsClosed()
    {
        using var stranger = Make("client");
        foreach (var (certificate, status) in new (X509Certificate2?, HttpStatusCode)[]
        {
            (null, HttpStatusCode.Unauthorized),
            (stranger, HttpStatusCode.Forbidden),
            (_client, HttpStatusCode.OK),
        })
        {
            using var http = Client(certificate);
            using var response = await http.GetAsync(new Uri($"api/negotiations/{Negotiation}/checkpoint", UriKind.Relative), Token);
            Assert.Equal(status, response.StatusCode);
        }

        using var closed = Client(stranger);
        await Assert.ThrowsAsync<LedgerLogException>(
            async () => await new HttpLedgerLog(closed, Negotiation, TimeProvider.System).FindCheckpointAsync(Token));
    }

    [Fact]
    public async Task ServedLedger_ReadByTheVerifierInJavaScript_Holds()
    {
        Assert.SkipUnless(
            File.Exists(Path.Combine(AppContext.BaseDirectory, "Node", "ledger-verifier.mjs")), "The verifier in JavaScript is not there.");
        var keys = new JsonObject
        {
            ["keys"] = new JsonArray(
                JsonNode.Parse(_certifier.PublicKey.Public.ToJson()), JsonNode.Parse(_ledger.MediatorKey.ToJson())),
        };
        await File.WriteAllTextAsync(Path.Combine(_folder, "keys.jwks"), keys.ToJsonString(), Token);
        var environment = new Dictionary<string, string>
        {
            ["RELAY_CLIENT_CERT"] = Pem("client.crt", _client.ExportCertificatePem()),
            ["RELAY_CLIENT_KEY"] = Pem("client.key", Key(_client)),
            ["RELAY_CA"] = Pem("server.crt", _server.ExportCertificatePem()),
        };
        var address = $"https://localhost:{_host.HttpsAddress!.Port}/api/negotiations/{Negotiation}";
        var result = await NodeRunner.RunAsync(
            [], "Node/ledger-verifier.mjs", ["served", address, Path.Combine(_folder, "keys.jwks")], environment, Token);
        Assert.StartsWith("ok", result.AssertSucceeded().Output, StringComparison.Ordinal);
    }

    private async Task<PrivateJwk> ImportKeyAsync()
    {
        var endpoints = new LocalEndpoints(
            "",
            new Uri("http://localhost"),
            _vault.VaultUri,
            _vault.CertificateThumbprint,
            _vault.CertificatePath,
            new Uri("https://localhost"),
            "",
            Environment.ProcessId);
        using var made = PrivateJwk.Generate(JwkKind.P256, "relay-checkpoint");
        using var ecdsa = made.CreateECDsa();
        var material = new JsonWebKey(ecdsa, includePrivateParameters: true, [KeyOperation.Sign, KeyOperation.Verify]);
        KeyVaultKey key = await LocalVault.Open(endpoints, "test", TimeProvider.System).ImportKeyAsync(made.KeyId, material, Token);

        // The same key under the name that the vault gave it.
        var named = JsonNode.Parse(made.ToJson())!;
        named["kid"] = key.Id.AbsoluteUri;
        Assert.True(PrivateJwk.TryParse(System.Text.Encoding.UTF8.GetBytes(named.ToJsonString()), out var parsed, out var error), error);
        return parsed;
    }

    private async Task CopyAsync(MemoryLedgerStore from)
    {
        var to = LedgerStores.OpenFolder(Path.Combine(_folder, "ledger"), TimeProvider.System);
        foreach (var name in from.Names)
        {
            Assert.True((await to.PutIfAbsentAsync(name, from.Find(name)!.Content, Token)).Stored);
        }
    }

    private static string Key(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    private string Pem(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text + "\n");
        return path;
    }

    private HttpClient Client(X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, certificates, _, _) => certificates[0];
        }

        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
            shown?.GetCertHashString(HashAlgorithmName.SHA256) == _server.GetCertHashString(HashAlgorithmName.SHA256);
        return new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{_host.HttpsAddress!.Port}/") };
    }

    private static X509Certificate2 Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }
}

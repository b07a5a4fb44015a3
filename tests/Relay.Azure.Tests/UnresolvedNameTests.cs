using Azure.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Health;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.Store;
using Relay.Core.Verification;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;

namespace Relay.Azure.Tests;

/// <summary>
/// The ports as the app registers them, on the genuine clients, while no name of a service resolves (RFC 6761 section 6.4): each says that
/// its service is unavailable, as it does of one that is down. What throws anything else would be an envelope's own fault.
/// </summary>
public sealed class UnresolvedNameTests : IAsyncDisposable
{
    private const string Vault = "https://kv.relay.invalid/";

    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["ServiceBus:fullyQualifiedNamespace"] = "bus.relay.invalid",
        ["Relay:Ledger:VaultUri"] = Vault,
        ["Relay:Ledger:ContainerUri"] = "https://account.relay.invalid/ledger",
        ["Relay:Directory:ContainerUri"] = "https://account.relay.invalid/directory",
    };

    private readonly ServiceProvider _services = new ServiceCollection()
        .AddLogging()
        .AddSingleton<TokenCredential>(new FixedCredential())
        .AddRelayAzure(new ConfigurationBuilder().AddInMemoryCollection(Settings).Build())
        .BuildServiceProvider();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    // Side by side: what takes time are the clients' own attempts.
    [Fact]
    public async Task Bus_ToBeSentToOrAsked_IsUnavailable()
    {
        var outbound = new OutboundEnvelope(
            "delegation-iran", default, new EnvelopeId("doha", "us", Lane.Normal, 1), default, 0, default, TimeSpan.FromMinutes(1), null);
        var forwarding = Get<IEnvelopeForwarder>().ForwardAsync(outbound, Cancel).AsTask();
        Assert.False(await Probe(Dependency.Bus).ProbeAsync(Cancel));
        Assert.Equal(SendOutcome.Unavailable, await forwarding);
    }

    [Fact]
    public async Task Vault_ToBeReadOrSignedWith_IsUnavailable()
    {
        var mediators = Get<IPublicKeySource>().FindAsync(Key("mediator-qatar"), Cancel).AsTask();
        var certifier = Get<ICheckpointCertifier>();
        var relays = certifier.FindAsync(Key("relay-checkpoint"), Cancel).AsTask();
        using var made = PrivateJwk.Generate(JwkKind.P256, "checkpoint");
        var begin = TimeProvider.System.GetUtcNow();
        Assert.Null(await certifier.CertifyAsync("relay/", made.Public, begin, begin.AddHours(1), Cancel));
        Assert.Equal(KeyStatus.Unavailable, (await mediators).Status);
        Assert.Equal(KeyStatus.Unavailable, (await relays).Status);
        Assert.False(await Probe(Dependency.Vault).ProbeAsync(Cancel));
    }

    [Fact]
    public async Task ReadAsync_Document_IsUnavailable()
    {
        var source = Get<IDirectoryDocumentSource>();
        Assert.Equal(DirectoryReadStatus.Unavailable, (await source.ReadAsync("doha", null, Cancel)).Status);
        Assert.Null(await source.ListAsync(1, Cancel));
    }

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    [InlineData("replace")]
    [InlineData("delete")]
    [InlineData("list")]
    public async Task Ledger_EachCall_FailsAsTheStoresFailureThatSaysSo(string verb)
    {
        var store = Get<ILedgerStore>();
        var failed = await Assert.ThrowsAsync<LedgerStoreException>(async () =>
        {
            switch (verb)
            {
                case "read": await store.GetAsync("doha/head", Cancel); break;
                case "write": await store.PutIfAbsentAsync("doha/head", default, Cancel); break;
                case "replace": await store.PutIfMatchAsync("doha/head", default, "\"1\"", Cancel); break;
                case "delete": await store.DeleteAsync("doha/head", Cancel); break;
                default: await foreach (var _ in store.ListAsync("doha/", Cancel)) { } break;
            }
        });
        Assert.StartsWith($"cannot {(verb == "replace" ? "write" : verb)} doha/", failed.Message, StringComparison.Ordinal);
        Assert.Contains("account.relay.invalid", failed.Message, StringComparison.Ordinal);
    }

    private IDependencyProbe Probe(Dependency dependency) =>
        _services.GetServices<IDependencyProbe>().Single(probe => probe.Dependency == dependency);

    private static KeyIdentifier Key(string name) =>
        KeyIdentifier.TryParse($"{Vault}keys/{name}/0123456789abcdef0123456789abcdef", out var key)
            ? key
            : throw new InvalidOperationException(name);

    private T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    private sealed class FixedCredential : TokenCredential
    {
        private static readonly AccessToken Token = new("token", DateTimeOffset.MaxValue);

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => Token;

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(Token);
    }
}

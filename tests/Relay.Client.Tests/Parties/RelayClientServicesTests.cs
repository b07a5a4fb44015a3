using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.DependencyInjection;
using Relay.Client.Delegations;
using Relay.Client.Mediators;
using Relay.Client.Parties;
using Relay.Client.Storage;
using Relay.Client.Tests.Ledger;
using Relay.Protocol.Signatures;
using Relay.Testing;

namespace Relay.Client.Tests.Parties;

public sealed class RelayClientServicesTests : IDisposable
{
    private readonly Samples _samples = new();
    private readonly FakeBus _bus = new();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public async Task AddRelay_DelegationAndMediator_SendThroughTheRegisteredBus()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ServiceBusClient>(_bus);
        services.AddSingleton<TimeProvider>(_samples.Time);
        services.AddRelayDelegation(_ => Options("us"));
        services.AddRelayMediator(_ => [new LocalSigner(_samples[Samples.KeyId("qatar")])]);
        await using var provider = services.BuildServiceProvider();

        var us = await provider.GetRequiredService<DelegationClientSource>().GetAsync(Cancel);
        Assert.Same(us, await provider.GetRequiredService<DelegationClientSource>().GetAsync(Cancel));
        await us.SendAsync(Samples.Say("hello"), provider.GetRequiredService<MediatorClient>(), Cancel);
        Assert.Equal(["send envelopes"], _bus.Calls);
    }

    [Fact]
    public async Task AddRelayMediator_InBatches_SignsWhatComesAtOnceTogether()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ServiceBusClient>(_bus);
        services.AddRelayMediator(
            _ => [new LocalSigner(_samples[Samples.KeyId("qatar")])],
            _ => new MediatorClientOptions { Batches = new BatchSigningOptions { MaxHeads = 2 }, Time = _samples.Time });
        await using var provider = services.BuildServiceProvider();
        var made = await _samples.Sealer().SealAsync(Samples.Say("hello"), StreamPosition.Start, Cancel);
        var mediator = provider.GetRequiredService<MediatorClient>();
        await mediator.SignAsync(made, Cancel);
        // A full batch does not wait: the clock stands still.
        var both = await TestDeadline.Within(Task.WhenAll(mediator.SignAsync(made, Cancel), mediator.SignAsync(made, Cancel)));
        Assert.All(both, envelope => Assert.Equal(JwsAlgorithm.MTES256, Assert.Single(envelope.Signatures).Algorithm));
    }

    [Fact]
    public async Task AddRelayDelegation_ByKey_IsOneEach()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ServiceBusClient>(_bus);
        services.AddRelayDelegation(_ => Options("us"), "us");
        services.AddRelayDelegation(_ => Options("iran"), "iran");
        await using var provider = services.BuildServiceProvider();
        var us = await provider.GetRequiredKeyedService<DelegationClientSource>("us").GetAsync(Cancel);
        var iran = await provider.GetRequiredKeyedService<DelegationClientSource>("iran").GetAsync(Cancel);
        Assert.NotSame(us, iran);
    }

    [Fact]
    public async Task GetAsync_OpeningFailed_IsTriedAgainByTheNext()
    {
        var first = await DelegationClient.OpenAsync(_bus, Options("us"), Cancel);
        await using var source = new DelegationClientSource(_bus, Options("us"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await source.GetAsync(Cancel));
        await first.DisposeAsync();
        Assert.NotNull(await source.GetAsync(Cancel));
        await source.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await source.GetAsync(Cancel));
    }

    private DelegationClientOptions Options(string name) => new()
    {
        Document = _samples.Document,
        Delegation = name,
        Identity = new LocalSigner(_samples[$"{name}#1"]),
        DecryptionKeys = [_samples[$"{name}#enc-1"]],
        Keys = _samples.MediatorKeys,
        RelayName = TestRelay.Name,
        RelayKey = TestRelay.VaultKey,
        Store = new FolderDelegationStore(Path.Combine(_folder.Path, name), TimeProvider.System),
        Time = _samples.Time,
    };
}

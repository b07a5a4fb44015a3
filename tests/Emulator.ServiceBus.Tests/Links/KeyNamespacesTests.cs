using Emulator.ServiceBus.Diagnostics;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Links;
using Emulator.ServiceBus.Topology;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Links;

/// <summary>Namespaces by key name: one for each, no more than the bound, and what making one costs.</summary>
public sealed class KeyNamespacesTests : IDisposable
{
    private static readonly NamespaceTopology Topology = new()
    {
        Queues = [.. Enumerable.Range(0, 5).Select(number => new QueueSettings { Name = $"q{number}" })],
        Topics = [.. Enumerable.Range(0, 5).Select(
            number => new TopicSettings { Name = $"t{number}", Subscriptions = [new SubscriptionSettings { Name = "s" }] })],
    };

    private readonly BrokerContext _own;
    private readonly KeyNamespaces _namespaces;

    public KeyNamespacesTests()
    {
        var time = new ManualTimeProvider();
        _own = new BrokerContext(
            Make(time), MemoryJournal.Instance, new TokenValidator(null, time), time, TimeProvider.System, NullLogger.Instance, 1024,
            new BrokerCounters(), static () => false);
        _namespaces = new KeyNamespaces(_own, "own", () => Make(time));
    }

    public void Dispose()
    {
        _namespaces.Dispose();
        _own.Entities.Dispose();
    }

    [Fact]
    public void Of_KeyNames_IsOneEachUpToTheBound()
    {
        Assert.Same(_own, _namespaces.Of("own"));
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < KeyNamespaces.Most; i++) Assert.NotSame(_own.Entities, _namespaces.Of($"test-{i}")!.Entities);
        TestContext.Current.SendDiagnosticMessage(
            "{0:0.000} ms for a namespace of ten entities",
            TimeProvider.System.GetElapsedTime(started).TotalMilliseconds / KeyNamespaces.Most);
        Assert.Null(_namespaces.Of("one-more"));
        Assert.Null(_namespaces.Find("one-more"));
        Assert.Same(_namespaces.Find("test-7"), _namespaces.Of("test-7")!.Entities);
        Assert.Same(_own.Entities, _namespaces.Find("own"));
    }

    private static NamespaceEntities Make(TimeProvider time) => new(Topology, time, MessageCodec.Instance, MemoryJournal.Instance);
}

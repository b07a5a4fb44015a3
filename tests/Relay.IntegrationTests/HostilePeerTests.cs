using System.Collections.Concurrent;
using System.Globalization;
using Relay.Cli.Demo;
using Relay.IntegrationTests.Hostile;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>
/// Peers that break AMQP while envelopes flow through the whole relay: each
/// is turned away with the right condition, and no envelope notices.
/// </summary>
public sealed class HostilePeerTests(HostilePeerTests.Siege siege) : IClassFixture<HostilePeerTests.Siege>
{
    private const int GoodEnvelopes = 60;
    private const int IdleConnections = 500;

    // The function app's for its triggers and for forwarding, and the test's client.
    private const int OwnConnections = 3;

    // A connection nobody speaks on costs a socket, a 4 KiB read buffer and the machine; both ends of it are in this process.
    private const int MostBytesPerIdleConnection = 24 * 1024;

    /// <summary>Name of the conversation, what the server ended, condition it gave.</summary>
    public static TheoryData<string, string, string?> Conversations => new()
    {
        { "random bytes instead of a header", "socket", null },
        { "random bytes instead of SASL", "socket", null },
        { "random bytes after begin", "close", "amqp:connection:framing-error" },
        { "random bytes in a frame", "close", "amqp:decode-error" },
        { "cut in the middle of a frame", "socket after open", null },
        { "frame shorter than its content", "close", "amqp:decode-error" },
        { "oversized frame before open", "close", "amqp:connection:framing-error" },
        { "oversized frame after open", "close", "amqp:connection:framing-error" },
        { "frame on a channel without a session", "close", "amqp:not-allowed" },
        { "frame on a channel beyond channel-max", "close", "amqp:connection:framing-error" },
        { "transfer before attach", "end", "amqp:session:unattached-handle" },
        { "transfer before open", "close", "amqp:illegal-state" },
        { "attach storm on one session", "close", "amqp:connection:framing-error" },
        { "attach storm with long names", "end", "amqp:resource-limit-exceeded" },
        { "attach storm on one handle", "end", "amqp:session:handle-in-use" },
        { "attach to an entity that is not there", "detach", "amqp:not-found" },
    };

    [Theory]
    [MemberData(nameof(Conversations))]
    public void Conversation_OfAHostilePeer_IsEndedWithItsCondition(string name, string scope, string? condition)
    {
        var endings = siege.Endings[name];
        Assert.NotEmpty(endings);
        Assert.All(endings, ending => Assert.Equal((scope, condition), (ending.Scope, ending.Condition)));
        Assert.All(endings, ending => Assert.Equal(condition is null, string.IsNullOrEmpty(ending.Description)));
    }

    [Fact]
    public void Conversations_OfTheSiegeAndOfThisTable_AreTheSame() =>
        Assert.Equal(
            Conversations.Select(row => row.Data.Item1).Order(StringComparer.Ordinal), siege.Endings.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Envelopes_DuringTheSiege_AllArriveAndOpen()
    {
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"seed {siege.Seed}; {siege.Endings.Values.Sum(endings => endings.Count)} hostile conversations, {siege.Idle} idle "
                + $"connections at {siege.BytesPerIdleConnection} bytes each, {siege.Tally.Forwarded} envelopes in "
                    + $"{siege.Tally.Duration.TotalMilliseconds:0} ms");
        Assert.Empty(siege.Tally.Wrong);
        Assert.Equal(GoodEnvelopes, siege.Tally.Forwarded);
    }

    [Fact]
    public void IdleConnections_DuringTheSiege_AreHeldAtABoundedCost()
    {
        Assert.True(siege.Held >= siege.Idle, $"{siege.Held} of {siege.Idle} connections were left (seed {siege.Seed}).");
        Assert.InRange(siege.BytesPerIdleConnection, 0, MostBytesPerIdleConnection);
    }

    [Fact]
    public Task Connections_AfterTheSiege_AreAllForgotten() => siege.WaitUntilForgottenAsync();

    /// <summary>One run for all rows: opens the idle connections, then attacks over and over until the last envelope has arrived.</summary>
    public sealed class Siege : IAsyncLifetime
    {
        private readonly RelayUnderTest _relay = new();
        private readonly List<RawPeer> _idle = [];

        internal int Seed { get; } = Environment.TickCount;

        internal int Idle { get; } = int.TryParse(
            Environment.GetEnvironmentVariable("RELAY_IDLE_CONNECTIONS"), CultureInfo.InvariantCulture, out var count)
            ? count
            : IdleConnections;

        internal ConcurrentDictionary<string, ConcurrentQueue<Ending>> Endings { get; } = new(StringComparer.Ordinal);

        internal DemoTally Tally { get; private set; } = null!;

        internal long BytesPerIdleConnection { get; private set; }

        internal int Held { get; private set; }

        public async ValueTask InitializeAsync()
        {
            var cancellationToken = TestContext.Current.CancellationToken;
            await _relay.InitializeAsync();
            var script = await DemoScript.WriteAsync(
                _relay.Cast, _relay.Options.StateFolder, GoodEnvelopes, TimeProvider.System, new Progress<string>(), cancellationToken);
            await OpenIdleAsync(cancellationToken);
            var conversations = HostileConversation.All(new Random(Seed));

            // Started before the envelopes and going on until they are through, so that some of each meet.
            var attacked = AttackAsync(conversations, cancellationToken);
            var answers = new DemoAnswers(_relay.Cast, null, TimeProvider.System);
            var run = new DemoRun(_relay.Cast, script, _relay.Bus, answers, null, TimeProvider.System).PerformAsync(cancellationToken);
            do
            {
                await attacked;
                Held = _relay.Stack.Bus.Snapshot().Connections;
                attacked = AttackAsync(conversations, cancellationToken);
            }
            while (!run.IsCompleted);
            await attacked;
            Tally = await run;
            _idle.ForEach(peer => peer.Dispose());
        }

        public ValueTask DisposeAsync()
        {
            _idle.ForEach(peer => peer.Dispose());
            return _relay.DisposeAsync();
        }

        /// <summary>Waits until the relay's own connections and the test's client are the only ones.</summary>
        internal Task WaitUntilForgottenAsync() =>
            TestDeadline.Until(
                () => _relay.Stack.Bus.Snapshot().Connections <= OwnConnections,
                $"every hostile and idle connection is forgotten (seed {Seed})");

        private async Task OpenIdleAsync(CancellationToken cancellationToken)
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var i = 0; i < Idle; i++)
            {
                var peer = new RawPeer();
                _idle.Add(peer);
                await peer.ConnectAsync(_relay.Stack.Bus.AmqpEndpoint, cancellationToken);
            }

            await TestDeadline.Until(() => _relay.Stack.Bus.Snapshot().Connections >= Idle, "all idle connections to be accepted");
            BytesPerIdleConnection = Math.Max(0, GC.GetTotalMemory(forceFullCollection: true) - before) / Math.Max(Idle, 1);
        }

        private async Task AttackAsync(IReadOnlyDictionary<string, HostileConversation> conversations, CancellationToken cancellationToken)
        {
            foreach (var (name, conversation) in conversations)
            {
                using var peer = new RawPeer();
                await peer.ConnectAsync(_relay.Stack.Bus.AmqpEndpoint, cancellationToken);
                var ending = peer.ReadEndingAsync(cancellationToken);
                await peer.SendAsync(conversation.Bytes(), cancellationToken);
                if (conversation.Finishes)
                {
                    peer.Finish();
                }

                Endings.GetOrAdd(name, _ => new ConcurrentQueue<Ending>()).Enqueue(await TestDeadline.Within(ending));
            }
        }
    }
}

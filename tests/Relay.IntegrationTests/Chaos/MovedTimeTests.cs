using Azure.Messaging.ServiceBus;
using Emulator.ServiceBus.Diagnostics;
using Relay.Local.Chaos;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;
using Relay.Testing;

namespace Relay.IntegrationTests.Chaos;

/// <summary>
/// A whole stack whose clocks are moved on: what waited for its time comes, and it goes on, though tokens were issued by the time before.
/// </summary>
public sealed class MovedTimeTests : IAsyncLifetime
{
    private readonly RelayUnderTest _relay = new() { CanBeDisturbed = true };
    private ServiceBusClient _aside = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _relay.InitializeAsync();
        _aside = new ServiceBusClient(_relay.Stack.Endpoints.ServiceBusAdmin);
    }

    public async ValueTask DisposeAsync()
    {
        if (_aside is not null) await _aside.DisposeAsync();
        await _relay.DisposeAsync();
    }

    [Fact]
    public async Task Time_MovedOnByTwoHours_BringsWhatWasEmbargoedAndGoesOn()
    {
        await using var queue = _aside.CreateSender("envelopes");
        var now = TimeProvider.System.GetUtcNow();
        var embargoed = await SignAsync(1, null, now, notBefore: now + TimeSpan.FromHours(1));
        var next = await SignAsync(2, embargoed.Digest, now, notBefore: null);
        await queue.SendMessagesAsync([new ServiceBusMessage(embargoed.Wire), new ServiceBusMessage(next.Wire)], Cancel);
        await TestDeadline.Until(() => Snapshot().Sum(entity => entity.Scheduled) == 1, "the copy for its time");

        Assert.True(ChaosWord.TryParse("time=+2h", out var word, out var error), error);
        _relay.Stack.Chaos!.Apply(word);
        // By a token that the vault gave out before.
        var last = await SignAsync(3, next.Digest, now, notBefore: null);
        await queue.SendMessageAsync(new ServiceBusMessage(last.Wire), Cancel);

        await using var inbox = _aside.CreateReceiver(
            "delegation-iran", "inbox", new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        var arrived = new List<string>();
        while (arrived.Count < 3)
        {
            var message = await inbox.ReceiveMessageAsync(TestDeadline.Default, Cancel);
            Assert.True(message is not null, $"expected three, got {string.Join(", ", arrived)}");
            arrived.Add(Assert.IsType<string>(message.ApplicationProperties["relay-id"]));
        }

        // In no order: what was held is forwarded together.
        Assert.Equal(
            new[] { embargoed, next, last }.Select(envelope => envelope.Id.ToString()).Order(StringComparer.Ordinal),
            arrived.Order(StringComparer.Ordinal));
        Assert.Equal(0, Snapshot().Sum(entity => entity.DeadLettered));
    }

    /// <summary>What is dated by the moved time is no lie to a command on the stack, nor to one that runs already.</summary>
    [Fact]
    public async Task Time_MovedOn_IsTheTimeOfCommandsOnTheStack()
    {
        var listening = SucceedAsync("listen", "iran", "--count", "1");
        Assert.True(ChaosWord.TryParse("time=+3h", out var word, out var error), error);
        _relay.Stack.Chaos!.Apply(word);
        var file = Path.Combine(_relay.Options.StateFolder, "after.json");
        var (_, notes) = await SucceedAsync("sign", "--from", "us", "--to", "iran", "--text", "after the jump", "--out", file);
        Assert.Contains("moved by 03:00:00", notes, StringComparison.Ordinal);
        await SucceedAsync("submit", file);
        var (heard, _) = await listening;
        Assert.Contains("after the jump", heard, StringComparison.Ordinal);
        await SucceedAsync("audit", "iran");
    }

    private async Task<(string Output, string Notes)> SucceedAsync(params string[] words)
    {
        var (code, output, notes) = await CommandStack.RunAsync(TimeProvider.System, [.. words, "--state", _relay.Options.StateFolder]);
        Assert.True(code == 0, notes + output);
        return (output, notes);
    }

    private IReadOnlyList<EntitySnapshot> Snapshot() => _relay.Stack.Bus.Snapshot().Entities;

    private async Task<Envelope> SignAsync(long sequence, Digest? previous, DateTimeOffset now, DateTimeOffset? notBefore)
    {
        // Not sealed, which the relay cannot tell.
        var builder = new EnvelopeBuilder(SealedEnvelope.Create(new EnvelopeDraft
        {
            Id = new EnvelopeId(_relay.Options.Negotiation, "us", Lane.Normal, sequence),
            Audience = ["iran"],
            Previous = previous,
            IssuedAt = now,
            NotBefore = notBefore,
            ExpiresAt = now + TimeSpan.FromDays(1),
            Content = "{\"ciphertext\":\"AAAA\"}"u8.ToArray(),
        }));
        foreach (var mediator in _relay.Cast.Mediators.Values) await builder.SignAsync(mediator, Cancel);
        Assert.True(Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        return envelope;
    }
}

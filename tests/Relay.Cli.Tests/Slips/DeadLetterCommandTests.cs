using System.Text.RegularExpressions;
using Azure.Messaging.ServiceBus;
using Relay.Testing;

namespace Relay.Cli.Tests.Slips;

/// <summary>The commands on dead letters, on a running stack.</summary>
[Collection(StackOfSlips.Collection)]
public sealed partial class DeadLetterCommandTests(StackOfSlips stack)
{
    [Fact]
    public async Task DeadLetters_ListedRedrivenAndDropped_AreInTheLogThatOthersWereToldOf()
    {
        await using var bus = new ServiceBusClient(stack.Endpoints.ServiceBus);
        await using var sender = bus.CreateSender("envelopes");
        await sender.SendMessagesAsync(
            Enumerable.Range(0, 3).Select(i => new ServiceBusMessage($"no envelope {i}")), TestContext.Current.CancellationToken);
        await CountAsync(3);

        var dry = await SucceedAsync("dlq", "redrive", "--reason", "not-json", "--dry-run");
        Assert.Contains("3 dead letters to put back", dry, StringComparison.Ordinal);
        Assert.Contains("3 put back", await SucceedAsync("dlq", "redrive", "--reason", "not-json"), StringComparison.Ordinal);
        // They come back at once, since nothing about them has changed; each bears the mark.
        await CountAsync(3);
        Assert.Equal(3, Redriven().Count(await SucceedAsync("dlq", "show", "--reason", "not-json")));

        var (refused, _, why) = await RunAsync("dlq", "drop", "--because", "a test");
        Assert.Equal(1, refused);
        Assert.Contains("--all", why, StringComparison.Ordinal);
        var dropped = await SucceedAsync("dlq", "drop", "--reason", "not-json", "--because", "a test");
        Assert.Contains("3 dropped", dropped, StringComparison.Ordinal);
        Assert.DoesNotContain("not-json", await SucceedAsync("dlq", "list"), StringComparison.Ordinal);

        var log = await SucceedAsync("dlq", "log", "--verify");
        Assert.Contains("a test", log, StringComparison.Ordinal);
        Assert.Contains("4 heads that are known elsewhere are this log's", log, StringComparison.Ordinal);
        var entries = Directory.GetFiles(Path.Combine(stack.Stack.State, "operators"), "*", SearchOption.AllDirectories)
            .Where(path => EntryName().IsMatch(Path.GetFileName(path))).Order(StringComparer.Ordinal).ToList();
        File.Delete(entries[^1]);
        var (cut, said, _) = await RunAsync("dlq", "log", "--verify");
        Assert.Equal(1, cut);
        Assert.Contains("Rewritten or cut", said, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Out, string Notes)> RunAsync(params string[] words)
    {
        var terminal = new RecordingTerminal();
        return (await terminal.RunAsync([.. words, "--state", stack.Stack.State]), terminal.Out, terminal.Notes);
    }

    private async Task<string> SucceedAsync(params string[] words)
    {
        var (code, output, notes) = await RunAsync(words);
        Assert.True(code == 0, notes + output);
        return output;
    }

    // The relay takes a moment; what it does is looked at, so that nothing is waited for longer than it takes.
    private async Task CountAsync(int count)
    {
        await using var bus = new ServiceBusClient(stack.Endpoints.ServiceBus);
        await using var receiver = bus.CreateReceiver("envelopes", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        for (var there = -1; there != count;)
        {
            var letters = await TestDeadline.Within(receiver.PeekMessagesAsync(100, 0, TestContext.Current.CancellationToken));
            there = letters.Count(message => message.DeadLetterReason == "not-json");
        }
    }

    [GeneratedRegex("redriven before")]
    private static partial Regex Redriven();

    [GeneratedRegex("^[0-9]{12}")]
    private static partial Regex EntryName();
}

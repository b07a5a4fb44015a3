using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using Relay.Cli.Demo;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>What passes through the relay is neither in its worker's memory nor in anything that it writes.</summary>
public sealed class BlindnessTests(RelayUnderTest relay) : IClassFixture<RelayUnderTest>
{
    private const int Envelopes = 100;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Relay_UnderLoad_HoldsNoTextAndNoKeyOfADelegationInMemoryOrStorage()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The memory of another process is read by way of /proc.");
        var canary = $"canary {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))} of what is said";
        await SendAsync(canary);
        var process = Assert.NotNull(relay.Stack.WorkerProcessId);

        // What the relay must know is found, so a search that finds nothing else has looked in the right place.
        var known = new Dictionary<string, byte[]> { ["a negotiation's name"] = Encoding.UTF8.GetBytes(relay.Options.Negotiation) };
        var secrets = Secrets(canary);
        Assert.Equal(known.Keys, ProcessMemory.Search(process, known));
        Assert.Empty(ProcessMemory.Search(process, secrets));

        var files = Directory.EnumerateFiles(relay.Options.StateFolder, "*", SearchOption.AllDirectories).Where(IsTheRelays).ToList();
        Assert.Contains(files, file => Holds(file, known));
        Assert.DoesNotContain(files, file => Holds(file, secrets));
    }

    private async Task SendAsync(string canary)
    {
        var stream = new SenderStream(
            relay.Options.Negotiation, relay.Cast.Document, relay.Cast.Delegations["us"], Lane.Normal, TimeProvider.System);
        await using var sender = relay.Bus.CreateSender("envelopes");
        for (var i = 0; i < Envelopes; i++)
        {
            var builder = new EnvelopeBuilder(await stream.SayAsync(["iran"], $"{canary} {i}", Cancel));
            foreach (var mediator in relay.Cast.Mediators.Values) await builder.SignAsync(mediator, Cancel);
            await sender.SendMessageAsync(new ServiceBusMessage(builder.ToWire()), Cancel);
        }

        await using var receiver = relay.Bus.CreateReceiver("delegation-iran", "inbox");
        for (var arrived = 0; arrived < Envelopes;)
        {
            var messages = await receiver.ReceiveMessagesAsync(Envelopes, TimeSpan.FromMinutes(2), Cancel);
            Assert.NotEmpty(messages);
            foreach (var message in messages) await receiver.CompleteMessageAsync(message, Cancel);
            arrived += messages.Count;
        }
    }

    /// <summary>The text and the delegations' private keys, in each form in which a program would hold them.</summary>
    private Dictionary<string, byte[]> Secrets(string canary)
    {
        var secrets = new Dictionary<string, byte[]>
        {
            ["the text"] = Encoding.UTF8.GetBytes(canary),
            ["the text in UTF-16"] = Encoding.Unicode.GetBytes(canary),
        };
        for (var offset = 0; offset < 3; offset++)
        {
            // Whole groups of three bytes, so that neighbours do not change what is searched for.
            var text = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(canary).AsSpan(offset, 30));
            secrets[$"the text in base64 from byte {offset}"] = Encoding.UTF8.GetBytes(text);
            secrets[$"the text in base64 and UTF-16 from byte {offset}"] = Encoding.Unicode.GetBytes(text);
        }

        foreach (var (name, own) in relay.Cast.Delegations)
        {
            AddKey(secrets, $"the identity key of {name}", own.Identity);
            AddKey(secrets, $"the encryption key of {name}", own.Encryption);
        }

        return secrets;
    }

    private static void AddKey(Dictionary<string, byte[]> secrets, string name, PrivateJwk key)
    {
        var text = (string)JsonNode.Parse(key.ToJson())!["d"]!;
        secrets[name] = Base64Url.DecodeFromChars(text);
        secrets[$"{name} in base64"] = Encoding.UTF8.GetBytes(text);
        secrets[$"{name} in base64 and UTF-16"] = Encoding.Unicode.GetBytes(text);
    }

    // The delegations' own folders hold their keys, as they must.
    private bool IsTheRelays(string file) =>
        !Path.GetRelativePath(relay.Options.StateFolder, file).StartsWith("delegations", StringComparison.Ordinal);

    private static bool Holds(string file, Dictionary<string, byte[]> needles)
    {
        // Lock files are empty, and held by whoever runs; what a publishing takes away meanwhile holds nothing.
        if (new FileInfo(file) is not { Exists: true, Length: > 0 }) return false;
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return needles.Values.Any(needle => bytes.AsSpan(0, read).IndexOf(needle) >= 0);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}

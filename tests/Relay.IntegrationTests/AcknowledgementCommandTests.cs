using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using Relay.Local;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>What a sender sees of those whom it writes to, by each command that tells.</summary>
public sealed class AcknowledgementCommandTests : CommandStack
{
    [Fact]
    public async Task Opened_ByTheListener_IsSeenByTheSenderAndShownToAnyone()
    {
        await SignAsync("one.json", "Do you read this?", "normal");
        await SucceedAsync("submit", PathOf("one.json"));
        await SucceedAsync("listen", "iran", "--count", "1", "--save-receipts", PathOf("receipts"));
        await SignAsync("two.json", "And this?", "normal");
        await SucceedAsync("submit", PathOf("two.json"));
        // Taken, and nothing said of it.
        await SucceedAsync("listen", "iran", "--count", "1", "--no-acknowledge");

        var status = await SucceedAsync("status", "us");
        AssertAnswers(status);
        AssertDocument(JsonNode.Parse(await SucceedApartAsync("status", "us", "--json"))!);
        await PassesAsync("^..:..:.. doha-2026 1: doha-2026/us/normal/1 to iran, weight [34] of 3$");
        await PassesAsync("^..:..:.. doha-2026 2: doha-2026/us/normal/1 opened by iran$");
        var audit = await SucceedApartAsync("audit", "us", "--save-acknowledgements", PathOf("said"));
        AssertAnswers(audit);
        Assert.Contains("All is well", audit, StringComparison.Ordinal);
        Assert.Contains("All is well", await SucceedAsync("audit", "iran"), StringComparison.Ordinal);
        // The relay's figures and those computed from its ledger are the same, or it does not succeed.
        Assert.Matches("us +2 +0 ", await SucceedApartAsync("signals", "iran", "--window", "1h"));
        // There is no day of it yet to learn from.
        var made = await SucceedApartAsync("forecast", "make", "iran", "--folder", PathOf("forecasts"));
        Assert.Equal(3, made.Split("nothing to learn from").Length - 1);

        // An outsider has three files, and no relay.
        await SucceedApartAsync("keys", "export", "--out", PathOf("keys.json"));
        var document = LocalDirectory.PathOf(State, "doha-2026");
        string[] receipts = ["said/doha-2026-us-normal-1-iran.acknowledgement", "receipts/doha-2026-us-normal-1.acknowledgement"];
        foreach (var receipt in receipts)
        {
            var shown = await SucceedApartAsync(
                "verify", "acknowledgement", PathOf(receipt), "--key", PathOf("keys.json"), "--document", document, "--envelope",
                PathOf("one.json"));
            Assert.Contains("iran has said that doha-2026/us/normal/1 (digest ", shown, StringComparison.Ordinal);
            Assert.Contains("was opened, ", shown, StringComparison.Ordinal);
            Assert.Contains("one.json is that envelope, and iran one of its addressees", shown, StringComparison.Ordinal);
        }

        var file = PathOf("said/doha-2026-us-normal-1-iran.acknowledgement");
        // A document that names no such key says nothing either way.
        var other = JsonNode.Parse(await File.ReadAllBytesAsync(document, TestContext.Current.CancellationToken))!;
        other["delegations"]!["iran"]!.AsObject().Remove("identityKeys");
        await File.WriteAllTextAsync(PathOf("other.json"), other.ToJsonString(), TestContext.Current.CancellationToken);
        var (code, output, _) = await RunAsync(
            "verify", "acknowledgement", file, "--key", PathOf("keys.json"), "--document", PathOf("other.json"));
        Assert.True(code == 2 && output.Contains("Not proved: whether iran has said so", StringComparison.Ordinal), output);
        (code, output, _) = await RunAsync(
            "verify", "acknowledgement", file, "--key", PathOf("keys.json"), "--document", document, "--envelope", PathOf("two.json"));
        Assert.True(code == 1 && output.Contains("acknowledgement-other-envelope", StringComparison.Ordinal), output);
        (code, output, _) = await RunAsync(
            "verify", "acknowledgement", PathOf("receipts/doha-2026-us-normal-1.receipt"), "--key", PathOf("keys.json"));
        Assert.True(code == 1 && output.Contains("receipt-bad-entry", StringComparison.Ordinal), output);
        await AssertExportAsync();
        await AssertFeedOfGivenUpAsync();
    }

    // What a recipient gives up, by any client, is told where the stack tells what passes.
    private async Task AssertFeedOfGivenUpAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var bus = new ServiceBusClient(LocalEndpoints.TryRead(State)!.ServiceBus);
        await using var sender = bus.CreateSender("delegation-iran");
        await sender.SendMessageAsync(new ServiceBusMessage("garbage"u8.ToArray()), cancel);
        await using var inbox = bus.CreateReceiver("delegation-iran", "inbox");
        var came = await TestDeadline.Within(inbox.ReceiveMessageAsync(TestDeadline.Default, cancel));
        await inbox.DeadLetterMessageAsync(came, "key-lost", "until it is found", cancel);
        await PassesAsync("^..:..:.. given up on delegation-iran/inbox what is no envelope: key-lost, until it is found$");
    }

    // The dashboard's file, made as its script makes it from what the relay serves.
    private async Task AssertExportAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var http = LocalCertificates.OpenClient(LocalEndpoints.TryRead(State)!, State, "iran", TimeProvider.System);
        using var answer = await http.GetAsync("api/negotiations/doha-2026/checkpoint", cancel);
        var note = await answer.Content.ReadAsStringAsync(cancel);
        var size = int.Parse(note.Split('\n')[1], CultureInfo.InvariantCulture);
        var path = $"api/negotiations/doha-2026/{TileId.Of(TileId.EntriesLevel, 0, size).Path}";
        Assert.True(EntryBundle.TryRead(await http.GetByteArrayAsync(path, cancel), size, out var entries, out var error), error);
        async Task<(int Code, string Output)> VerifyAsync(IEnumerable<byte[]> shown)
        {
            var json = JsonSerializer.Serialize(new
            {
                format = "relay-export/v1",
                negotiation = "doha-2026",
                checkpoint = note,
                certificate = answer.Headers.GetValues("Relay-Checkpoint-Key").Single(),
                entries = shown,
                documents = new[] { await File.ReadAllBytesAsync(LocalDirectory.PathOf(State, "doha-2026"), cancel) },
            });
            await File.WriteAllTextAsync(PathOf("export.json"), json, cancel);
            var (code, output, errors) = await RunApartAsync("verify", "export", PathOf("export.json"), "--key", PathOf("keys.json"));
            // And by the one that has no code in common with it.
            var (status, said, _) = await NodeRunner.RunAsync(
                [], Path.Combine("Node", "ledger-verifier.mjs"), ["exported", PathOf("export.json"), PathOf("keys.json")], null, cancel);
            Assert.True((status == 0) == (code == 0), said);
            return (code, output + errors);
        }

        byte[][] honest = [.. entries.Select(entry => entry.ToArray())];
        var (code, output) = await VerifyAsync(honest);
        Assert.True(code == 0 && output.Contains($"holds: {size} entries of relay.local/doha-2026", StringComparison.Ordinal), output);
        var changed = honest[1].ToArray();
        changed[^40] ^= 1;
        (code, output) = await VerifyAsync([honest[0], changed, .. honest[2..]]);
        Assert.True(code == 1 && output.Contains("does not hold: ", StringComparison.Ordinal), output);
        (code, output) = await VerifyAsync(honest[..^1]);
        Assert.True(code == 2 && output.Contains("is no export of a ledger", StringComparison.Ordinal), output);
    }

    // The shape that the command's README promises to scripts.
    private static void AssertDocument(JsonNode status)
    {
        Assert.Equal(["negotiation", "sender", "at", "verdict", "allLogged", "streams"], status.AsObject().Select(pair => pair.Key));
        Assert.Equal(("us", "good", true), ((string)status["sender"]!, (string)status["verdict"]!, (bool)status["allLogged"]!));
        var stream = Assert.Single(status["streams"]!.AsArray())!;
        Assert.Equal(
            ["name", "made", "logged", "refusal", "underWay", "problems", "envelopes"], stream.AsObject().Select(pair => pair.Key));
        Assert.Equal(("doha-2026/us/normal", 2, 2), ((string)stream["name"]!, (int)stream["made"]!, (int)stream["logged"]!));
        var (first, second) = (stream["envelopes"]![0]!, stream["envelopes"]![1]!);
        Assert.Equal(["id", "sentAt", "index", "acceptedAt", "answers", "silent"], first.AsObject().Select(pair => pair.Key));
        var answer = Assert.Single(first["answers"]!.AsArray())!;
        Assert.Equal(["delegation", "state", "reason", "at", "index", "proved"], answer.AsObject().Select(pair => pair.Key));
        Assert.Equal(("iran", "opened", true), ((string)answer["delegation"]!, (string)answer["state"]!, (bool)answer["proved"]!));
        Assert.Empty(first["silent"]!.AsArray());
        Assert.Equal("iran", (string)Assert.Single(second["silent"]!.AsArray())!);
    }

    private static void AssertAnswers(string printed)
    {
        var lines = printed.Split('\n');
        var first = Assert.Single(lines, line => line.Contains("doha-2026/us/normal/1: ", StringComparison.Ordinal));
        Assert.Matches("sent 20.*; accepted 20.* as entry 1; opened by iran 20.* \\(entry [2-9]\\)", first);
        var second = Assert.Single(lines, line => line.Contains("doha-2026/us/normal/2: ", StringComparison.Ordinal));
        Assert.Matches("sent 20.*; accepted 20.* as entry [2-9]; no answer of iran since 20", second);
    }
}

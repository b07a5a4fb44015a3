using System.Text.Json.Nodes;
using Relay.Local;

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
        var audit = await SucceedAsync("audit", "us", "--save-acknowledgements", PathOf("said"));
        AssertAnswers(audit);
        Assert.Contains("All is well", audit, StringComparison.Ordinal);
        Assert.Contains("All is well", await SucceedAsync("audit", "iran"), StringComparison.Ordinal);
        // The relay's figures and those computed from its ledger are the same, or it does not succeed.
        Assert.Matches("us +2 +0 ", await SucceedAsync("signals", "iran", "--window", "1h"));
        // There is no day of it yet to learn from.
        var made = await SucceedAsync("forecast", "make", "iran", "--folder", PathOf("forecasts"));
        Assert.Equal(3, made.Split("nothing to learn from").Length - 1);

        // An outsider has three files, and no relay.
        await SucceedAsync("keys", "export", "--out", PathOf("keys.json"));
        var document = LocalDirectory.PathOf(State, "doha-2026");
        string[] receipts = ["said/doha-2026-us-normal-1-iran.acknowledgement", "receipts/doha-2026-us-normal-1.acknowledgement"];
        foreach (var receipt in receipts)
        {
            var shown = await SucceedAsync(
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

using System.Text.Json.Nodes;

namespace Relay.Risk.Tests;

public sealed class SignalEventTests
{
    [Fact]
    public void Write_Signals_AreACloudEvent()
    {
        var ledger = new MadeUpLedger();
        for (var i = 0; i < 8; i++)
        {
            ledger.Send("us", (10 * i) + (i % 3), ["iran"], i % 2 == 0 ? ["oman", "qatar"] : ["qatar", "swiss"], delay: i);
        }

        var bytes = SignalEvent.Write(ledger.Compute(100), "relay.example");
        var json = JsonNode.Parse(bytes)!.AsObject();
        string[] attributes = ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"];
        Assert.Equal(attributes, json.Select(member => member.Key));
        Assert.Equal(
            ["1.0", "/relay.example/doha-2026", "relay.signals.v1", "doha-2026", "application/json"],
            new[] { "specversion", "source", "type", "subject", "datacontenttype" }.Select(name => (string)json[name]!));
        Assert.Equal("8-1779996500000-1780000100000", (string)json["id"]!);
        Assert.Equal("2026-05-28T20:28:20.000Z", (string)json["time"]!);
        var data = json["data"]!;
        Assert.Equal(8, (int)data["ledger"]!["size"]!);
        Assert.Equal(8, (int)data["senders"]![0]!["envelopes"]!);
        Assert.Equal("0.00222222222", data["senders"]![0]!["rate"]!.ToJsonString());
        Assert.Null(data["mode"]);
        Assert.Equal(bytes, SignalEvent.Write(ledger.Compute(100), "relay.example"));
    }

    // A name with anything in it stays one segment of a reference (CloudEvents 1.0.2, source: URI-reference).
    [Fact]
    public void Write_NameOfARelayWithSigns_IsEscaped()
    {
        var json = JsonNode.Parse(SignalEvent.Write(new MadeUpLedger().Compute(100), "a b/c"))!;
        Assert.Equal("/a%20b%2Fc/doha-2026", (string)json["source"]!);
    }
}

using System.Text;
using System.Text.Json.Nodes;

namespace Relay.LyingRelay.Lies;

/// <summary>What is in the ledger, and comes otherwise or not at all.</summary>
internal static class ForwardingLies
{
    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.DroppedTail] = Drop("logs the newest envelope of a stream and does not forward it", "us/normal/7"),
        [LieKind.DroppedInTheMiddle] = Drop("logs an envelope and does not forward it, but those after it", "us/normal/3"),
        [LieKind.DroppedForOne] = Drop("forwards an envelope to one of two addressees", "us/normal/6"),
        [LieKind.WrongDelegation] = Change(
            "forwards an envelope to another delegation than the addressed one", "us/normal/3", static delivery => delivery.To = "oman"),
        [LieKind.ForwardedTooLate] = Change(
            "forwards an envelope once it has expired", "us/urgent/2", static delivery => delivery.Late = TimeSpan.FromMinutes(5)),
        [LieKind.ForwardedTwice] = new("forwards an envelope again, with another receipt")
        {
            Forward = static async (telling, deliveries) =>
            {
                var said = telling.Said("us/normal/3");
                var same = await telling.ForgeAsync(telling.Entries());
                var receipt = await same.ReceiptAsync(same.IndexOf(said.Digest), same.Tree.Size);
                deliveries.Add(new Delivery("iran", said) { Receipt = receipt });
            },
        },
        [LieKind.GarbledBody] = Change(
            "forwards something that is no envelope", "us/normal/3", static delivery => delivery.Wire = delivery.Wire[..^9]),
        [LieKind.ContentChanged] = Change(
            "forwards another content with a head that is untouched",
            "us/normal/3",
            static delivery => delivery.Wire = Edit(delivery.Wire, wire => wire["content"] = "e30")),
        [LieKind.SignatureStripped] = Change(
            "forwards an envelope with the signature of one mediator alone",
            "us/normal/3",
            static delivery => delivery.Wire = Edit(
                delivery.Wire, wire => wire["signatures"] = new JsonArray(wire["signatures"]![0]!.DeepClone()))),
    };

    public static Lie Change(string tells, string name, Action<Delivery> change) => new(tells)
    {
        Forward = (_, deliveries) =>
        {
            if (deliveries.Find(delivery => delivery.To == "iran" && delivery.Name == name) is { } found) change(found);
            return Task.CompletedTask;
        },
    };

    private static Lie Drop(string tells, string name) => new(tells)
    {
        Forward = (_, deliveries) =>
        {
            deliveries.RemoveAll(delivery => delivery.To == "iran" && delivery.Name == name);
            return Task.CompletedTask;
        },
    };

    private static byte[] Edit(byte[] wire, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(wire)!;
        change(json);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }
}

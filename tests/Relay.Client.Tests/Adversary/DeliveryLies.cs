using Relay.Client.Tests.Ledger;
using Relay.Protocol.Ledger;

namespace Relay.Client.Tests.Adversary;

/// <summary>The lie, if the attack is one, in what the recipient is handed.</summary>
internal sealed class DeliveryLies(AttackKind kind, Random random, TestLedger ledger, DateTimeOffset now, List<Delivery> deliveries)
{
    public void Tell()
    {
        var target = deliveries[random.Next(deliveries.Count)];
        switch (kind)
        {
            case AttackKind.DropLogged:
                deliveries.Remove(target);
                break;
            case AttackKind.DropTail:
                deliveries.Remove(deliveries.MaxBy(delivery => delivery.Planned.Index)!);
                break;
            case AttackKind.ReplayDelivery:
                deliveries.Add(target);
                break;
            case AttackKind.AlterEnvelope:
                target.Wire[random.Next(target.Wire.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case AttackKind.TruncateEnvelope:
                target.Wire = target.Wire[..random.Next(target.Wire.Length)];
                break;
            case AttackKind.AlterReceipt:
                // A character that is no other spelling of itself.
                var place = random.Next(target.Receipt!.Length);
                target.Receipt = string.Concat(
                    target.Receipt.AsSpan(0, place), target.Receipt[place] == 'A' ? "B" : "A", target.Receipt.AsSpan(place + 1));
                break;
            case AttackKind.TruncateReceipt:
                target.Receipt = target.Receipt![..random.Next(target.Receipt!.Length)];
                break;
            case AttackKind.WithholdReceipt:
                target.Receipt = null;
                break;
            case AttackKind.SwapReceipt:
                target.Receipt = deliveries.First(other => other.Planned.Index != target.Planned.Index).Receipt;
                break;
            case AttackKind.ForeignKeys:
                using (var other = new TestRelay(now))
                {
                    var foreign = new TestLedger(other);
                    foreach (var entry in ledger.Entries) foreign.Append(entry);
                    target.Receipt = foreign.Receipt(target.Planned.Index);
                }
                break;
            case AttackKind.ForkAtOneSize or AttackKind.ForkElsewhere:
                // The fork holds the target too, so its receipt is good; only the tree is another.
                var fork = ForkBefore(target.Planned.Index);
                var index = fork.IndexOf(target.Planned.Envelope.Id);
                if (kind == AttackKind.ForkAtOneSize)
                {
                    while (fork.Size < ledger.Size)
                    {
                        fork.Append(new HeartbeatEntry { At = now.AddSeconds(1) }.ToBytes());
                    }
                    target.Receipt = fork.Receipt(index, ledger.Size);
                    deliveries.First(other => other != target).Receipt = ledger
                        .Receipt(deliveries.First(other => other != target).Planned.Index, ledger.Size);
                }
                else
                {
                    target.Receipt = fork.Receipt(index, index + 1);
                }
                break;
        }
    }

    // The ledger with a made-up entry in the place of one before the target, or before it.
    private TestLedger ForkBefore(long index)
    {
        var fork = ledger.Fork(0);
        fork.Append(new HeartbeatEntry { At = now }.ToBytes());
        fork.Append(ledger.Entries[(int)index]);
        return fork;
    }
}

using System.Text;
using Relay.Core.Ledger.Keys;
using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Forging;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.LyingRelay.Lies;

/// <summary>Receipts that do not show what they must.</summary>
internal static class ReceiptLies
{
    private const string Name = "us/normal/3";

    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.NoReceipt] = ForwardingLies.Change("forwards without a receipt", Name, static delivery => delivery.Receipt = null),
        [LieKind.ReceiptOfAnother] = new("forwards with the receipt of another envelope")
        {
            Forward = static (_, deliveries) =>
            {
                var other = deliveries.First(delivery => delivery is { To: "iran", Name: "us/normal/1" });
                Find(deliveries).Receipt = other.Receipt;
                return Task.CompletedTask;
            },
        },
        [LieKind.ReceiptWithWrongIndex] = ForwardingLies.Change(
            "forwards with a receipt that names another index",
            Name,
            static delivery => delivery.Receipt = Edit(delivery, WithOtherIndex)),
        [LieKind.ReceiptWithChangedProof] = ForwardingLies.Change(
            "forwards with a receipt whose proof leads elsewhere",
            Name,
            static delivery => delivery.Receipt = Edit(delivery, WithOtherHash)),
        [LieKind.ReceiptByMadeUpKey] = Sign(
            "signs a receipt with a key whose certificate the relay's vault key never signed",
            static _ => new LocalCertifier(Protocol.Keys.PrivateJwk.Generate(Protocol.Keys.JwkKind.P256, MadeUpId)),
            TimeSpan.Zero,
            Company.RelayName),
        [LieKind.ReceiptByStrangersKey] = Sign(
            "signs a receipt with a key that another vault key certified",
            static _ => new LocalCertifier(Protocol.Keys.PrivateJwk.Generate(Protocol.Keys.JwkKind.P256, StrangersId)),
            TimeSpan.Zero,
            Company.RelayName),
        [LieKind.ReceiptByExpiredKey] = Sign(
            "signs a receipt with a checkpoint key that had expired", static telling => telling.Company.Certifier,
            TimeSpan.FromHours(-3), Company.RelayName),
        [LieKind.ReceiptByFutureKey] = Sign(
            "signs a receipt with a checkpoint key that is valid only later", static telling => telling.Company.Certifier,
            TimeSpan.FromHours(5), Company.RelayName),
        [LieKind.ReceiptOfOtherNegotiation] = new("gives a receipt out of the ledger of another negotiation")
        {
            Forward = static async (telling, deliveries) =>
            {
                var other = await telling.ForgeAsync(telling.Entries(), $"{Company.RelayName}/{Company.OtherNegotiation}");
                var delivery = Find(deliveries);
                delivery.Receipt = await other.ReceiptAsync(EntryText.Find(other.Entries, Name));
            },
        },
        [LieKind.ClockAhead] = new("has a clock that is three minutes ahead") { ClockAhead = TimeSpan.FromMinutes(3) },
    };

    private static string MadeUpId => $"{Company.VaultKey}/0123456789abcdef0123456789abcdef";

    private static string StrangersId => "https://stranger.vault.azure.net/keys/relay-checkpoint/0123456789abcdef0123456789abcdef";

    private static Delivery Find(List<Delivery> deliveries) => deliveries.First(delivery => delivery is { To: "iran", Name: Name });

    private static Lie Sign(string tells, Func<Telling, ICheckpointCertifier> certifier, TimeSpan from, string relay) => new(tells)
    {
        Forward = async (telling, deliveries) =>
        {
            var forge = await telling.ForgeAsync(telling.Entries());
            var made = certifier(telling);
            using var signer = await Forge.CertifyAsync(relay + "/", made, Company.Epoch.AddMinutes(-1) + from);
            var delivery = Find(deliveries);
            delivery.Receipt = await forge.ReceiptAsync(EntryText.Find(forge.Entries, Name), null, signer);
            if (made is LocalCertifier own && own != telling.Company.Certifier) own.Dispose();
        },
    };

    private static string Edit(Delivery delivery, Action<List<string>> change)
    {
        var lines = delivery.Receipt!.Split('\n').ToList();
        change(lines);
        return string.Join('\n', lines);
    }

    // c2sp.org/tlog-proof@v1, extra, index, then the hashes up to an empty line.
    private static void WithOtherIndex(List<string> lines)
    {
        var at = lines.FindIndex(line => line.StartsWith("index ", StringComparison.Ordinal));
        lines[at] = "index 1";
    }

    private static void WithOtherHash(List<string> lines)
    {
        var at = lines.FindIndex(line => line.StartsWith("index ", StringComparison.Ordinal)) + 1;
        lines[at] = Convert.ToBase64String(Digest.Of(Encoding.ASCII.GetBytes(lines[at])).ToArray());
    }
}

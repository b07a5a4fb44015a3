using System.Text;
using Relay.Core.Ledger.Keys;
using Relay.LyingRelay.Cast;
using Relay.LyingRelay.Forging;
using Relay.LyingRelay.Serving;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.LyingRelay.Lies;

/// <summary>A ledger that is right, shown otherwise or not at all.</summary>
internal static class ServingLies
{
    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.LogDoesNotAnswer] = Serve("answers no reader", static (_, _) => Answer.NotNow),
        [LieKind.LogRefusesOne] = Serve(
            "lets one delegation read nothing", static (ask, honest) => ask.Party == "iran" ? Answer.Refused : honest),
        [LieKind.CheckpointWithheld] = Withhold("shows no checkpoint", AskKind.Checkpoint),
        [LieKind.BundleWithheld] = Withhold("shows no entries", AskKind.Bundle),
        [LieKind.TileWithheld] = Withhold("shows no tile of hashes", AskKind.Tile),
        [LieKind.PolicyWithheld] = Withhold("does not show the document that its entries were judged by", AskKind.Policy),
        [LieKind.CertificateWithheld] = Withhold("does not show the certificate of its checkpoint key", AskKind.Certificate),
        [LieKind.BundleReordered] = Serve("shows its entries in another order", static (ask, honest) => ask.Kind == AskKind.Bundle
            ? honest with { Body = Reorder(honest.Body, ask.Tile.Width) }
            : honest),
        [LieKind.TileSwapped] = Serve(
            "shows a tile with two hashes swapped",
            static (ask, honest) => ask.Kind == AskKind.Tile
                ? honest with { Body = [.. honest.Body[32..64], .. honest.Body[..32], .. honest.Body[64..]] }
                : honest),
        [LieKind.OtherPolicyServed] = Serve(
            "shows another document than the one that its entries were judged by",
            static (ask, honest) => ask.Kind == AskKind.Policy ? honest with { Body = [.. honest.Body, (byte)' '] } : honest),
        [LieKind.CheckpointOfOtherNegotiation] = Checkpoint(
            "shows a checkpoint of another negotiation",
            static async telling =>
            {
                var other = await telling.ForgeAsync(telling.Entries(), $"{Company.RelayName}/{Company.OtherNegotiation}");
                return await other.CheckpointAsync(other.Tree.Size);
            }),
        [LieKind.CheckpointBadlySigned] = Serve(
            "shows a checkpoint with a signature of nothing",
            static (ask, honest) => ask.Kind == AskKind.Checkpoint ? honest with { Body = WithoutSignature(honest.Body) } : honest),
        [LieKind.CheckpointByMadeUpKey] = Checkpoint(
            "shows a checkpoint by a key that its vault key never certified",
            static async telling =>
            {
                using var own = new LocalCertifier(PrivateJwk.Generate(JwkKind.P256, telling.Company.Certifier.KeyId));
                using var signer = await Forge.CertifyAsync(Company.RelayName + "/", own, Company.Epoch.AddMinutes(-1));
                var forge = await telling.ForgeAsync(telling.Entries());
                return await forge.CheckpointAsync(forge.Tree.Size, signer);
            }),
        [LieKind.CheckpointTooLarge] = Checkpoint(
            "shows a checkpoint of more entries than it has",
            static async telling =>
            {
                var forge = await telling.ForgeAsync(telling.Entries());
                return await forge.CheckpointAsync(forge.Tree.Size + 1, null, Digest.Of("no root"u8));
            }),
        [LieKind.WrongConsistency] = Serve(
            "proves with wrong hashes that its trees are one",
            static (ask, honest) => ask.Kind == AskKind.Consistency && honest.Status == 200
                ? honest with { Body = WithOtherHash(honest.Body) }
                : honest),
    };

    private static Lie Serve(string tells, Func<Ask, Answer, Answer> change) => new(tells)
    {
        Serve = (_, ask, honest) => Task.FromResult(change(ask, honest)),
    };

    private static Lie Withhold(string tells, AskKind kind) =>
        Serve(tells, (ask, honest) => ask.Kind == kind ? Answer.NotThere : honest);

    private static Lie Checkpoint(string tells, Func<Telling, Task<SignedCheckpoint>> make) => new(tells)
    {
        Serve = async (telling, ask, honest) =>
        {
            if (ask.Kind != AskKind.Checkpoint) return honest;
            var signed = await make(telling);
            return new Answer(200, signed.Note.Bytes.ToArray(), Encoding.ASCII.GetString(signed.Certificate.Bytes));
        },
    };

    private static byte[] Reorder(byte[] bundle, int width)
    {
        if (!EntryBundle.TryRead(bundle, width, out var entries, out _) || width < 4) return bundle;
        var list = entries.ToList();
        (list[2], list[3]) = (list[3], list[2]);
        return EntryBundle.Write([.. list]);
    }

    private static byte[] WithoutSignature(byte[] note)
    {
        var text = Encoding.UTF8.GetString(note).TrimEnd('\n');
        var last = text.LastIndexOf(' ') + 1;
        var signature = Convert.FromBase64String(text[last..]);
        signature[^1] ^= 1;
        return Encoding.UTF8.GetBytes($"{text[..last]}{Convert.ToBase64String(signature)}\n");
    }

    private static byte[] WithOtherHash(byte[] json)
    {
        var proof = System.Text.Json.Nodes.JsonNode.Parse(json)!;
        var hashes = proof["hashes"]!.AsArray();
        if (hashes.Count > 0) hashes[0] = Convert.ToBase64String(Digest.Of("no hash"u8).ToArray());
        return Encoding.UTF8.GetBytes(proof.ToJsonString());
    }
}

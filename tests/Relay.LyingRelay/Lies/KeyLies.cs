using Relay.Core.Verification;
using Relay.LyingRelay.Cast;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.LyingRelay.Lies;

/// <summary>Keys and documents that are others than the parties', in the real pipeline's own ports.</summary>
internal static class KeyLies
{
    public static IReadOnlyDictionary<LieKind, Lie> Rows { get; } = new Dictionary<LieKind, Lie>
    {
        [LieKind.DisabledKeyUsed] = new("counts signatures by a version of a mediator's key that had ended")
        {
            KeyFile = static telling => telling.Company.PublicKeys(("qatar", Company.Epoch.AddSeconds(4))),
        },
        [LieKind.FalseMediators] = new("takes an envelope that it signed itself in the place of all mediators")
        {
            MediatorKeys = static (telling, honest) => new LiarsKeys(telling, honest),
            Take = static async (telling, envelope) =>
            {
                if (envelope != telling.Said("us/normal/7")) return envelope;
                telling.IsSwapped = true;
                var previous = telling.Said("us/normal/6").Digest;
                return await Company.MakeAsync(envelope.Id, ["iran"], previous, null, telling.Company.LiarsKeyOf);
            },
        },
        [LieKind.OtherDocument] = new("judges by a document of its own, of a later version")
        {
            Document = static telling => telling.Company.Compose(Company.Negotiation, 3, 2),
        },
    };

    // From the swapped envelope on, every mediator's key is the liar's.
    private sealed class LiarsKeys(Telling telling, IPublicKeySource honest) : IPublicKeySource
    {
        public ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken)
        {
            if (!telling.IsSwapped) return honest.FindAsync(key, cancellationToken);
            var own = telling.Company.LiarsKeyOf(key.Name["mediator-".Length..]).Public;
            return new(VerificationKey.TryCreate(own, out var found, out _) ? new KeyLookup(KeyStatus.Usable, found) : KeyStatus.Unknown);
        }
    }
}

using Azure.Security.KeyVault.Keys;
using Relay.Cli.Printing;
using Relay.Cli.Targets;
using Relay.Client.KeyVault;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Signing;

/// <summary>Signs as mediators of a negotiation, with the keys that its document names and no others.</summary>
internal sealed class MediatorSigners
{
    private readonly IReadOnlyList<IJwsSigner> _signers;

    private MediatorSigners(IReadOnlyList<IJwsSigner> signers) => _signers = signers;

    /// <summary>Finds each mediator's key, before anything is sealed or numbered.</summary>
    /// <param name="names">Whose signatures; empty for every mediator of the document.</param>
    /// <exception cref="CliFault">One is no mediator, or the vault in use signs with another
    /// key than the document names: the relay would refuse the envelope.</exception>
    public static async Task<MediatorSigners> OpenAsync(
        Terminal terminal,
        NegotiationDocument document,
        KeyClient vault,
        IReadOnlyCollection<string> names,
        CancellationToken cancellationToken)
    {
        var signers = new List<IJwsSigner>();
        foreach (var name in names.Count == 0 ? document.Mediators.Keys : names.Distinct(StringComparer.Ordinal))
        {
            if (!document.Mediators.TryGetValue(name, out var mediator))
            {
                throw new CliFault(
                    $"{name} is no mediator of {document.Negotiation}.",
                    $"Its mediators are {string.Join(", ", document.Mediators.Keys)}.");
            }

            var signer = await KeyVaultEnvelopeSigner.CreateAsync(vault, MediatorKeyName.Of(mediator), cancellationToken);
            Compare(terminal, mediator, signer.KeyId);
            signers.Add(signer);
        }

        return new MediatorSigners(signers);
    }

    /// <summary>Adds each one's signature.</summary>
    public async Task SignAsync(EnvelopeBuilder builder, CancellationToken cancellationToken)
    {
        foreach (var signer in _signers)
        {
            await builder.SignAsync(signer, cancellationToken);
        }
    }

    /// <summary>
    /// Heads with each one's signature added. A mediator whose key is on P-256 signs several with one call of its vault, up to 4,096; any
    /// other signs each.
    /// </summary>
    public async Task<IReadOnlyList<SignedHead>> SignAsync(IReadOnlyList<SignedHead> heads, CancellationToken cancellationToken)
    {
        foreach (var signer in _signers)
        {
            var signed = new List<SignedHead>();
            foreach (var chunk in heads.Chunk(signer.Algorithm == JwsAlgorithm.ES256 ? BatchSignature.MaxLeaves : 1))
            {
                if (chunk.Length > 1) signed.AddRange(await HeadBatch.SignAsync(chunk, signer, cancellationToken));
                else signed.Add(await chunk[0].SignAsync(signer, cancellationToken));
            }

            heads = signed;
        }

        return heads;
    }

    private static void Compare(Terminal terminal, NegotiationMediator mediator, string keyId)
    {
        if (!KeyIdentifier.TryParse(keyId, out var key) || !key.IsVersionOf(mediator.Key))
        {
            throw new CliFault(
                $"The document names {mediator.Key} for {mediator.Name}, the vault in use signs as {keyId}: the relay would refuse it.",
                "Use the vault that the document names (--vault, or 'relay up' with the port it had), or put a document that "
                    + "names this one (relay directory put).");
        }

        if (MediatorKeyName.SpeltTwice(mediator, key) is { } note) terminal.Notes.Say($"{note}");
    }
}

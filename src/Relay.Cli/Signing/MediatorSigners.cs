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

    /// <summary>A head with each one's signature added.</summary>
    public async Task<SignedHead> SignAsync(SignedHead head, CancellationToken cancellationToken)
    {
        foreach (var signer in _signers)
        {
            head = await head.SignAsync(signer, cancellationToken);
        }

        return head;
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

using System.Globalization;
using Azure;
using Azure.Identity;
using Azure.Security.KeyVault.Keys;
using Relay.Client.KeyVault;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Text;

namespace Relay.Cli.Targets;

/// <summary>
/// Looks at the mediators' keys in the vault in use, as far as a document names that one: a
/// document that is valid by itself may still let nobody pass, or one key for many.
/// </summary>
internal sealed class MediatorKeyCheck(NegotiationDocument document, KeyClient vault, TimeProvider time)
{
    // Versions of a key that are looked at, the newest first as far as the vault lists them so.
    private const int MaxVersions = 16;

    private static readonly TimeSpan KeyMaxAge = TimeSpan.FromMinutes(5);

    private readonly List<string> _warnings = [];
    private readonly Dictionary<Digest, string> _ownerOf = [];
    private readonly KeyVaultMediatorKeys _keys = new(_ => vault, KeyMaxAge, time);

    /// <summary>What is wrong or doubtful, a sentence each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The mediators that share a public key with one before them, and add nothing to its weight.</summary>
    public ISet<string> Repeated { get; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>Looks at every mediator's key. A key that cannot be read is a warning, never an exception.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var mediator in document.Mediators.Values)
        {
            try
            {
                await LookAsync(mediator, cancellationToken);
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                _warnings.Add(
                    $"{mediator.Name}: the vault has no key {mediator.Key}: its signatures will be refused. Make it with 'relay "
                        + "keys create', or name the right one.");
            }
            catch (Exception exception) when (
                exception is RequestFailedException
                    or AggregateException
                    or AuthenticationFailedException
                    or HttpRequestException
                    or IOException)
            {
                _warnings.Add($"{mediator.Name}: {mediator.Key} cannot be read now: {exception.GetBaseException().Message.Split('\n')[0]}");
            }
        }

        if (Repeated.Count > 0 && Distinct() is null)
        {
            _warnings.Add(
                $"With one public key counted once, the quorum of {document.Quorum.Quorum} cannot be reached: no envelope passes.");
        }
    }

    /// <summary>The rule as it works, each public key counted once; null when its quorum cannot be reached.</summary>
    public QuorumRule? Distinct()
    {
        var weights = document.Quorum.Weights.Where(weight => !Repeated.Contains(weight.Key))
            .ToDictionary(weight => weight.Key, weight => weight.Value);
        return weights.Values.Sum() < document.Quorum.Quorum ? null : new QuorumRule(weights, document.Quorum.Quorum);
    }

    private async Task LookAsync(NegotiationMediator mediator, CancellationToken cancellationToken)
    {
        var own = vault.VaultUri.GetLeftPart(UriPartial.Authority) + "/";
        if (!mediator.Key.StartsWith(own, StringComparison.OrdinalIgnoreCase))
        {
            _warnings.Add(
                $"{mediator.Name}: the document names {mediator.Key}, the vault in use is {own}; its key was not looked at, and "
                    + "who signs with this vault signs in vain.");
            return;
        }

        var usable = 0;
        var versions = 0;
        await foreach (var version in vault.GetPropertiesOfKeyVersionsAsync(MediatorKeyName.Of(mediator), cancellationToken))
        {
            if (++versions > MaxVersions) break;
            if (!KeyIdentifier.TryParse(version.Id?.AbsoluteUri, out var id)) continue;
            if (versions == 1 && id.IsVersionOf(mediator.Key) && MediatorKeyName.SpeltTwice(mediator, id) is { } note) _warnings.Add(note);

            var found = await _keys.FindAsync(id, null, cancellationToken);
            if (found.Key is not { } key) continue;
            usable++;
            if (_ownerOf.TryAdd(key.Thumbprint, mediator.Name) || _ownerOf[key.Thumbprint] == mediator.Name) continue;
            Repeated.Add(mediator.Name);
            _warnings.Add(
                $"{mediator.Name} and {_ownerOf[key.Thumbprint]} have one public key (thumbprint {key.Thumbprint}): whoever holds "
                    + "it signs as both, and it counts once. Give each its own.");
        }

        if (versions == 0) throw new RequestFailedException(404, "no version");
        if (usable == 0)
        {
            _warnings.Add(
                string.Create(CultureInfo.InvariantCulture, $"{mediator.Name}: none of the {versions} versions of {mediator.Key}")
                    + " may be used: disabled, out of date, of a kind that signs no envelopes, or not readable.");
        }
    }
}

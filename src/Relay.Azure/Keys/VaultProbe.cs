using Azure.Security.KeyVault.Keys;
using Microsoft.Extensions.Options;
using Relay.Azure.Diagnostics;
using Relay.Core.Health;

namespace Relay.Azure.Keys;

/// <summary>Reads the relay's own key.</summary>
internal sealed class VaultProbe(KeyClient vault, IOptions<CheckpointKeyOptions> options) : IDependencyProbe
{
    public Dependency Dependency => Dependency.Vault;

    public async ValueTask<bool> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await vault.GetKeyAsync(options.Value.KeyName, cancellationToken: cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (ServiceFailure.Is(e) && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}

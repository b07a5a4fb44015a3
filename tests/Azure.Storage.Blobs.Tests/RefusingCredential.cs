using Azure.Core;

namespace Azure.Storage.Blobs.Tests;

/// <summary>Must not be asked: the test makes no request.</summary>
internal sealed class RefusingCredential : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new InvalidOperationException("No request was expected.");

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new InvalidOperationException("No request was expected.");
}

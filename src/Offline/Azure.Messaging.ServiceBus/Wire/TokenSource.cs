using System.Globalization;
using Azure.Core;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Where the tokens for <c>$cbs</c> come from.</summary>
internal abstract class TokenSource
{
    /// <summary>A token valid now for an audience.</summary>
    /// <param name="audience">Address of the entity, for instance <c>sb://host/queue</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public abstract ValueTask<CbsToken> GetTokenAsync(string audience, CancellationToken cancellationToken);

    /// <summary>Signs a token per audience with a shared key; valid for half an hour.</summary>
    public static TokenSource FromKey(string keyName, string key, TimeProvider time) => new KeySource(keyName, key, time);

    /// <summary>Hands out one ready-made signature.</summary>
    public static TokenSource FromSignature(string signature) => new SignatureSource(signature);

    /// <summary>Asks a credential for a Service Bus token; the credential caches.</summary>
    public static TokenSource FromCredential(TokenCredential credential) => new CredentialSource(credential);

    private sealed class KeySource(string keyName, string key, TimeProvider time) : TokenSource
    {
        private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

        public override ValueTask<CbsToken> GetTokenAsync(string audience, CancellationToken cancellationToken)
        {
            var expiresAt = time.GetUtcNow() + Lifetime;
            return new(new CbsToken(SharedAccessSignature.Create(audience, keyName, key, expiresAt), CbsToken.SharedAccess, expiresAt));
        }
    }

    private sealed class SignatureSource(string signature) : TokenSource
    {
        private readonly DateTimeOffset _expiresAt = ReadExpiry(signature);

        public override ValueTask<CbsToken> GetTokenAsync(string audience, CancellationToken cancellationToken) =>
            new(new CbsToken(signature, CbsToken.SharedAccess, _expiresAt));

        private static DateTimeOffset ReadExpiry(string signature)
        {
            foreach (var part in signature.Split('&', ' '))
            {
                if (part.StartsWith("se=", StringComparison.Ordinal)
                    && long.TryParse(part.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                    && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
                {
                    return DateTimeOffset.FromUnixTimeSeconds(seconds);
                }
            }

            throw new ArgumentException("The shared access signature has no expiry (se=, in Unix seconds).", nameof(signature));
        }
    }

    private sealed class CredentialSource(TokenCredential credential) : TokenSource
    {
        private static readonly string[] Scopes = ["https://servicebus.azure.net/.default"];

        public override async ValueTask<CbsToken> GetTokenAsync(string audience, CancellationToken cancellationToken)
        {
            var token = await credential.GetTokenAsync(new TokenRequestContext(Scopes), cancellationToken).ConfigureAwait(false);
            return new CbsToken(token.Token, CbsToken.JsonWebToken, token.ExpiresOn);
        }
    }
}

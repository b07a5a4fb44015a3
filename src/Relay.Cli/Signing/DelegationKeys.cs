using Relay.Local;
using Relay.Protocol.Negotiations;

namespace Relay.Cli.Signing;

/// <summary>
/// Compares the keys that a delegation has here with those that the document names: a name
/// alone proves nothing, and what is signed or sealed with another key is lost on everybody.
/// </summary>
internal static class DelegationKeys
{
    /// <exception cref="CliFault">The document names another identity key.</exception>
    public static void CheckIdentity(NegotiationDocument document, LocalDelegation own)
    {
        if (!HasIdentity(document, own)) throw Differs(document, own.Name, "identity", own.Identity.KeyId);
    }

    /// <summary>True when the document names the identity key that is here.</summary>
    public static bool HasIdentity(NegotiationDocument document, LocalDelegation own) =>
        document.Delegations[own.Name].IdentityKeys
            .Any(key => key.KeyId == own.Identity.KeyId && key.Key.Thumbprint == own.Identity.Public.Thumbprint());

    /// <exception cref="CliFault">The document names another encryption key.</exception>
    public static void CheckEncryption(NegotiationDocument document, LocalDelegation own)
    {
        var named = document.Delegations[own.Name].EncryptionKeys;
        if (!named.Any(key => key.KeyId == own.Encryption.KeyId && key.Thumbprint() == own.Encryption.Public.Thumbprint()))
        {
            throw Differs(document, own.Name, "encryption", own.Encryption.KeyId);
        }
    }

    private static CliFault Differs(NegotiationDocument document, string name, string which, string keyId) => new(
        $"The {which} key {keyId} of {name} in this state folder is not one that the document of {document.Negotiation} names.",
        "Use the state folder that has it (--state), or put a document that names this one (relay directory put).");
}

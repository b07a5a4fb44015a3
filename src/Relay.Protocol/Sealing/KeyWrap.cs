namespace Relay.Protocol.Sealing;

/// <summary>The content key for one recipient, as it is written.</summary>
/// <param name="KeyId"><c>kid</c> of the recipient's key.</param>
/// <param name="Algorithm">How it gets the content key.</param>
/// <param name="EncryptedKey">Empty when direct.</param>
/// <param name="Encapsulation">HPKE's encapsulated secret; empty but for a hybrid key.</param>
internal sealed record KeyWrap(string KeyId, JweAlgorithm Algorithm, byte[] EncryptedKey, byte[] Encapsulation);

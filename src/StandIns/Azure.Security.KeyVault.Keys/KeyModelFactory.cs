namespace Azure.Security.KeyVault.Keys;

/// <summary>Makes what only the service makes otherwise, for tests of code that uses a <see cref="KeyClient"/>.</summary>
public static class KeyModelFactory
{
    public static KeyVaultKey KeyVaultKey(KeyProperties properties, JsonWebKey key) => new(properties, key);

    public static KeyProperties KeyProperties(
        Uri? id = null,
        Uri? vaultUri = null,
        string? name = null,
        string? version = null,
        bool managed = false,
        DateTimeOffset? createdOn = null,
        DateTimeOffset? updatedOn = null,
        string? recoveryLevel = null,
        int? recoverableDays = null) => new()
        {
            Id = id!,
            VaultUri = vaultUri!,
            Name = name!,
            Version = version!,
            Managed = managed,
            CreatedOn = createdOn,
            UpdatedOn = updatedOn,
            RecoveryLevel = recoveryLevel,
            RecoverableDays = recoverableDays,
        };

    public static JsonWebKey JsonWebKey(
        KeyType keyType,
        string? id = null,
        IEnumerable<KeyOperation>? keyOps = null,
        KeyCurveName? curveName = null,
        byte[]? d = null,
        byte[]? dp = null,
        byte[]? dq = null,
        byte[]? e = null,
        byte[]? k = null,
        byte[]? n = null,
        byte[]? p = null,
        byte[]? q = null,
        byte[]? qi = null,
        byte[]? t = null,
        byte[]? x = null,
        byte[]? y = null) => new(keyOps ?? [])
        {
            KeyType = keyType,
            Id = id!,
            CurveName = curveName,
            D = d!,
            DP = dp!,
            DQ = dq!,
            E = e!,
            K = k!,
            N = n!,
            P = p!,
            Q = q!,
            QI = qi!,
            T = t!,
            X = x!,
            Y = y!,
        };
}

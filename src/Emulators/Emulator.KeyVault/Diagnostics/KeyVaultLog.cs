using Microsoft.Extensions.Logging;

namespace Emulator.KeyVault.Diagnostics;

/// <summary>Log messages of the emulator, 6000 to 6999. Names, versions, addresses and codes only: no token, key or signature.</summary>
internal static partial class KeyVaultLog
{
    [LoggerMessage(6001, LogLevel.Information, "Key Vault emulator at {VaultUri}, certificate {Thumbprint}, {Keys} keys from {Folder}")]
    public static partial void Started(ILogger logger, Uri vaultUri, string thumbprint, int keys, string folder);

    [LoggerMessage(6002, LogLevel.Information, "Key Vault emulator at {VaultUri} stopped")]
    public static partial void Stopped(ILogger logger, Uri vaultUri);

    [LoggerMessage(
        6003,
        LogLevel.Information,
        "New certificate {Thumbprint}, valid until {NotAfter}: clients that pinned an older one must pin this one")]
    public static partial void CertificateMade(ILogger logger, string thumbprint, DateTimeOffset notAfter);

    [LoggerMessage(6010, LogLevel.Information, "Key {Name} has a new version {Version}")]
    public static partial void VersionAdded(ILogger logger, string name, string version);

    [LoggerMessage(6011, LogLevel.Information, "Key {Name} version {Version} changed: enabled {Enabled}")]
    public static partial void VersionChanged(ILogger logger, string name, string version, bool enabled);

    [LoggerMessage(6020, LogLevel.Debug, "{Method} {Path} refused: {Status} {Code}, {Reason}")]
    public static partial void Refused(ILogger logger, string method, string path, int status, string code, string reason);

    [LoggerMessage(6030, LogLevel.Error, "{Method} {Path} failed unexpectedly")]
    public static partial void Failed(ILogger logger, Exception exception, string method, string path);
}

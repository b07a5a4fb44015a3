using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Relay.Protocol.Signatures;

namespace Relay.Azure.Keys;

/// <summary>Settings under <c>Relay:KeyVault</c>.</summary>
public sealed class KeyVaultOptions
{
    public const string SectionName = "Relay:KeyVault";

    /// <summary>
    /// SHA-256 of the certificate of a vault on this machine, 64 hexadecimal digits;
    /// absent in the cloud. It replaces the certificate chain for loopback vaults only.
    /// </summary>
    [RegularExpression("^[0-9A-Fa-f]{64}$", ErrorMessage = "The field {0} expects the certificate's SHA-256 as 64 hexadecimal digits.")]
    public string? CertificateThumbprint { get; set; }

    /// <summary>
    /// How long a key version that was withdrawn may still verify: 10 s to 1 h, default 5 min. Renewal begins at half of it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan KeyMaxAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Shortest time between two looks at a key for versions not known yet: 1
    /// s to 1 min, default 5 s. Bounds what made-up versions cost the vault.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan UnknownVersionInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Batches of signatures that are remembered for each version of a mediator's key, so that each costs one verification: 2 to 65,536,
    /// default 1,024; about 200 bytes each. Fewer cost time and nothing else.
    /// </summary>
    [Range(2, 65_536)]
    public int BatchRoots { get; set; } = VerificationKey.DefaultBatchRoots;
}

[OptionsValidator]
internal sealed partial class KeyVaultOptionsValidator : IValidateOptions<KeyVaultOptions>;

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Relay.Azure.Keys;

/// <summary>Settings under <c>Relay:Ledger</c> that say which vault key certifies checkpoint keys.</summary>
public sealed class CheckpointKeyOptions
{
    public const string SectionName = "Relay:Ledger";

    /// <summary>The relay's vault, for instance <c>https://kv-relay.vault.azure.net/</c>.</summary>
    [Required]
    public Uri? VaultUri { get; set; }

    /// <summary>Name of the key: P-256, sign and verify. Default <c>relay-checkpoint</c>.</summary>
    [Required]
    [RegularExpression("^[0-9A-Za-z-]{1,127}$", ErrorMessage = "The field {0} expects 1 to 127 of [0-9A-Za-z-].")]
    public string KeyName { get; set; } = "relay-checkpoint";
}

[OptionsValidator]
internal sealed partial class CheckpointKeyOptionsValidator : IValidateOptions<CheckpointKeyOptions>;

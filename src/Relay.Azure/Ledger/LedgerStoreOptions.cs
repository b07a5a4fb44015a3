using Microsoft.Extensions.Options;

namespace Relay.Azure.Ledger;

/// <summary>
/// Settings under <c>Relay:Ledger</c> that say where ledgers are kept: exactly one of folder, container URI and connection string.
/// </summary>
public sealed class LedgerStoreOptions
{
    public const string SectionName = "Relay:Ledger";

    /// <summary>Folder on this machine; made if need be.</summary>
    public string? Folder { get; set; }

    /// <summary>Blob container, used with the app's identity.</summary>
    public Uri? ContainerUri { get; set; }

    /// <summary>Connection string of the storage account; for storage without identities, such as Azurite.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Container used with <see cref="ConnectionString"/>. It must exist.</summary>
    public string Container { get; set; } = "ledger";
}

internal sealed class LedgerStoreOptionsValidator : IValidateOptions<LedgerStoreOptions>
{
    public ValidateOptionsResult Validate(string? name, LedgerStoreOptions options)
    {
        var builder = new ValidateOptionsResultBuilder();
        string?[] places = [options.Folder, options.ContainerUri?.OriginalString, options.ConnectionString];
        var count = places.Count(place => !string.IsNullOrWhiteSpace(place));
        if (count != 1)
        {
            builder.AddError(
                $"expected exactly one of {LedgerStoreOptions.SectionName}:Folder, :ContainerUri and :ConnectionString, got {count}");
        }

        if (options.ContainerUri is { } uri && (!uri.IsAbsoluteUri || uri.Scheme != Uri.UriSchemeHttps))
        {
            builder.AddError($"expected an absolute https URI, got '{uri}'", nameof(options.ContainerUri));
        }

        if (string.IsNullOrWhiteSpace(options.Container))
        {
            builder.AddError("expected the name of a container, got nothing", nameof(options.Container));
        }

        return builder.Build();
    }
}

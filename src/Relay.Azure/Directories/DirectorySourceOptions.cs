using Microsoft.Extensions.Options;

namespace Relay.Azure.Directories;

/// <summary>
/// Settings under <c>Relay:Directory</c> that say where documents are kept: exactly one of folder, container URI and connection string.
/// </summary>
public sealed class DirectorySourceOptions
{
    public const string SectionName = "Relay:Directory";

    /// <summary>Folder with one <c>{negotiation}.json</c> each.</summary>
    public string? Folder { get; set; }

    /// <summary>Blob container with one blob <c>{negotiation}.json</c> each, read with the app's identity.</summary>
    public Uri? ContainerUri { get; set; }

    /// <summary>Connection string of the storage account; for storage without identities, such as Azurite.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Container used with <see cref="ConnectionString"/>.</summary>
    public string Container { get; set; } = "directory";
}

internal sealed class DirectorySourceOptionsValidator : IValidateOptions<DirectorySourceOptions>
{
    public ValidateOptionsResult Validate(string? name, DirectorySourceOptions options)
    {
        var builder = new ValidateOptionsResultBuilder();
        string?[] places = [options.Folder, options.ContainerUri?.OriginalString, options.ConnectionString];
        var count = places.Count(place => !string.IsNullOrWhiteSpace(place));
        if (count != 1)
        {
            builder.AddError(
                $"expected exactly one of {DirectorySourceOptions.SectionName}:Folder, :ContainerUri and :ConnectionString, got {count}");
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

using Microsoft.Extensions.Options;

namespace Relay.Functions.Operating;

/// <summary>
/// Settings under <c>Relay:Operators:Log</c>: where the operators' log is kept, by a folder or a container. With neither dead letters can
/// be seen, and not changed.
/// </summary>
public sealed class OperatorLogOptions
{
    public const string SectionName = "Relay:Operators:Log";

    /// <summary>Folder on this machine; made if need be.</summary>
    public string? Folder { get; set; }

    /// <summary>Blob container, https, used with the app's identity.</summary>
    public Uri? ContainerUri { get; set; }
}

internal sealed class OperatorLogOptionsValidator : IValidateOptions<OperatorLogOptions>
{
    public ValidateOptionsResult Validate(string? name, OperatorLogOptions options)
    {
        var builder = new ValidateOptionsResultBuilder();
        if (!string.IsNullOrWhiteSpace(options.Folder) && options.ContainerUri is not null)
        {
            builder.AddError($"expected at most one of {OperatorLogOptions.SectionName}:Folder and :ContainerUri, got both");
        }

        if (options.ContainerUri is { } uri && (!uri.IsAbsoluteUri || uri.Scheme != Uri.UriSchemeHttps))
        {
            builder.AddError($"expected an absolute https URI, got '{uri}'", nameof(options.ContainerUri));
        }

        return builder.Build();
    }
}

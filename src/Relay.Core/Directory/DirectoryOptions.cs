using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Relay.Core.Directory;

/// <summary>
/// Settings under <c>Relay:Directory</c> that say how long a document is believed; where documents are kept is the adapter's.
/// </summary>
public sealed class DirectoryOptions
{
    public const string SectionName = "Relay:Directory";

    /// <summary>Age from which a document is read again while it is still used: 1 s to 1 h, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RefreshAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Age from which a document is not used any more: 1 s to 1 h, default 5 min.
    /// Bounds how long a withdrawn member passes while the directory is down.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the absence of a document is believed: 1 s to 10 min, default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan UnknownAge { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Names never met that are read one by one, a second and for each of
    /// queue, callers and anonymous posts: 1 to 10,000, default 50. Past that
    /// one listing tells made-up names from those that exist.
    /// </summary>
    [Range(1, 10_000)]
    public int NewNamesPerSecond { get; set; } = 50;

    /// <summary>Topics a document may name; empty for every <c>delegation-*</c> topic.</summary>
    public IList<string> Topics { get; } = [];
}

[OptionsValidator]
internal sealed partial class DirectoryOptionsAttributesValidator : IValidateOptions<DirectoryOptions>;

internal sealed class DirectoryOptionsValidator : IValidateOptions<DirectoryOptions>
{
    public ValidateOptionsResult Validate(string? name, DirectoryOptions options)
    {
        var builder = new ValidateOptionsResultBuilder();
        if (options.RefreshAfter > options.MaxAge)
        {
            builder.AddError($"expected at most MaxAge ({options.MaxAge}), got {options.RefreshAfter}", nameof(options.RefreshAfter));
        }

        foreach (var topic in options.Topics)
        {
            if (!DelegationTopic.IsValid(topic)) builder.AddError($"expected delegation-* names, got '{topic}'", nameof(options.Topics));
        }

        return builder.Build();
    }
}

using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Relay.Functions.Http;

/// <summary>Settings under <c>Relay:Submission</c>.</summary>
public sealed class SubmissionOptions
{
    public const string SectionName = "Relay:Submission";

    /// <summary>
    /// When whoever has proved nothing is answered, counted from when the body had come: 0 to 5 s, default 250 ms. More than look-up and
    /// verification take but now and then; what takes longer is answered at the next multiple. Zero answers at once, and lets who
    /// measures tell a negotiation that exists from one that does not.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan UnprovedAfter { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Requests a second that prove nothing, by the class of their address: 1 to 100,000, default 10.</summary>
    [Range(1, 100_000)]
    public int AddressPerSecond { get; set; } = 10;

    /// <summary>
    /// So many of them at once, those under way included: 1 to 100,000, default 200, two thirds of what the host lets in at once.
    /// </summary>
    [Range(1, 100_000)]
    public int AddressBurst { get; set; } = 200;

    /// <summary>
    /// Requests a second that prove nothing, of all addresses that have proved nothing within an hour: 1 to 100,000, default 100.
    /// </summary>
    [Range(1, 100_000)]
    public int StrangersPerSecond { get; set; } = 100;

    /// <summary>So many of them at once: 1 to 100,000, default 100, so that most of what the host lets in is left to others.</summary>
    [Range(1, 100_000)]
    public int StrangersBurst { get; set; } = 100;
}

[OptionsValidator]
internal sealed partial class SubmissionOptionsValidator : IValidateOptions<SubmissionOptions>;

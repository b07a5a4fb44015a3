using System.CommandLine.Parsing;
using System.Globalization;
using Relay.Core.Directory;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Cli.Parsing;

/// <summary>Reads numbers, times and names; one that cannot be read is a parse error that says what a good one looks like.</summary>
internal static class OptionValues
{
    private const int MaxKeyName = 127;
    private const int MaxOfOneUnit = 1_000_000;

    // K also takes nothing: see Moment.
    private static readonly string[] MomentForms = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>A whole number of a range.</summary>
    public static Func<ArgumentResult, int> Number(int least, int most) => result =>
        int.TryParse(result.Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : result.Expect<int>(string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));

    /// <summary>A SHA-256 as it stands in files and answers.</summary>
    public static Digest? Digest(ArgumentResult result) => Protocol.Text.Digest.TryParse(result.Text(), out var digest)
        ? digest
        : result.Expect<Digest?>($"a digest, 43 characters such as {Protocol.Text.Digest.Of([])}");

    /// <summary>The sequence of an envelope in its stream.</summary>
    public static long? Sequence(ArgumentResult result) =>
        long.TryParse(result.Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value is > 0 and <= EnvelopeId.MaxSequence
            ? value
            : result.Expect<long?>("the number that ends the envelope's id, such as 7");

    /// <summary>
    /// A time span of one unit (<c>90s</c>, <c>15m</c>, <c>2h</c>, <c>3d</c>) or as <c>[days.]hh:mm:ss</c>. A bare number would be days
    /// to one reader and
    /// seconds to another, and is refused.
    /// </summary>
    public static TimeSpan Duration(ArgumentResult result)
    {
        var value = result.Text();
        if (value.Contains(':') && TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.Zero)
        {
            return span;
        }
        if (value.Length > 1
            && int.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= MaxOfOneUnit)
        {
            switch (value[^1])
            {
                case 's': return TimeSpan.FromSeconds(number);
                case 'm': return TimeSpan.FromMinutes(number);
                case 'h': return TimeSpan.FromHours(number);
                case 'd': return TimeSpan.FromDays(number);
            }
        }

        return result.Expect<TimeSpan>("a time span with its unit, such as 90s, 15m, 2h or 01:30:00");
    }

    /// <summary>
    /// A moment with its zone: without one it would be this machine's, which whoever reads the command line does not see.
    /// </summary>
    public static DateTimeOffset? Moment(ArgumentResult result)
    {
        var value = result.Text();
        return HasZone(value)
            && DateTimeOffset.TryParseExact(value, MomentForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
            ? moment
            : result.Expect<DateTimeOffset?>("a time with its zone, such as 2026-12-01T09:00:00Z or 2026-12-01T09:00:00+01:00");
    }

    /// <summary>A name of the protocol: of a negotiation, a delegation or a mediator.</summary>
    public static string? Name(ArgumentResult result) => NameOf(result, result.Text());

    /// <summary>The topic of a delegation.</summary>
    public static string? Topic(ArgumentResult result) => DelegationTopic.IsValid(result.Text())
        ? result.Text()
        : result.Expect<string>($"the topic of a delegation, such as {DelegationTopic.Prefix}iran");

    /// <summary>Names, each of its own argument or divided by commas; one given twice counts once.</summary>
    public static string[]? Names(ArgumentResult result) =>
        [
            .. result.Tokens.SelectMany(static token => token.Value.Split(','))
                .Select(value => NameOf(result, value))
                .OfType<string>()
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>Name of a key in a vault.</summary>
    public static string? KeyName(ArgumentResult result)
    {
        var value = result.Text();
        return value.Length is > 0 and <= MaxKeyName && value.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? value
            : result.Expect<string>($"1 to {MaxKeyName} letters, digits and -, such as mediator-norway");
    }

    /// <summary>Name of a relay: the first part of its ledgers' origins.</summary>
    public static string? RelayNamed(ArgumentResult result) => SignedNote.IsKeyName(result.Text()) && !result.Text().EndsWith('/')
        ? result.Text()
        : result.Expect<string>("the name that the relay's operator tells, such as relay.example");

    /// <summary>Name of an environment variable; what came is not repeated, since it may be the secret itself.</summary>
    public static string? Variable(ArgumentResult result)
    {
        var value = result.Text();
        return value.Length > 0
            && !char.IsAsciiDigit(value[0])
            && value.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? value
            : result.Refuse<string>("expected the name of an environment variable, such as RELAY_PREKEY_SECRET, never the secret itself");
    }

    private static bool HasZone(string value) => value.EndsWith('Z') || value.LastIndexOfAny(['+', '-']) > "yyyy-MM-dd".Length;

    private static string? NameOf(ArgumentResult result, string value)
    {
        if (RelayName.IsValid(value)) return value;
        var suggestion = value.ToLowerInvariant();
        if (!RelayName.IsValid(suggestion)) suggestion = "iran";
        return result.Refuse<string>(
            $"expected a name of a-z, 0-9 and -, at most {RelayName.MaxLength} characters, such as {suggestion}, got '{value}'");
    }
}

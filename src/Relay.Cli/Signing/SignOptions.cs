using System.CommandLine;
using Relay.Cli.Parsing;
using Relay.Cli.Targets;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Signing;

/// <summary>The options of <c>relay sign</c>.</summary>
internal sealed class SignOptions
{
    public TargetOptions Target { get; } = new();

    public LedgerTarget Ledger { get; } = new();

    public Option<string> Negotiation => Target.Negotiation;

    public Option<string?> From { get; } = new("--from")
    {
        CustomParser = OptionValues.Name,
        Description = "Delegation that speaks.",
        HelpName = "delegation",
    };

    public Option<string[]> To { get; } = new("--to")
    {
        CustomParser = OptionValues.Names,
        Description = "Delegations addressed; one or more.",
        HelpName = "delegation",
        AllowMultipleArgumentsPerToken = true,
    };

    public Option<string?> Text { get; } = new("--text") { Description = "What is said.", HelpName = "text" };

    public Option<FileInfo?> File { get; } = new("--file")
    {
        CustomParser = FileValues.Input("Give the path of the content."),
        Description = "File with what is said, instead of --text.",
        HelpName = "path",
    };

    public Option<bool> AllowEmpty { get; } = new("--allow-empty") { Description = "Take a text or file that holds nothing." };

    public Option<string> ContentType { get; } = new("--content-type")
    {
        Description = "Media type of the content.",
        DefaultValueFactory = static _ => "text/plain",
    };

    public Option<string[]> Mediators { get; } = new("--mediators")
    {
        CustomParser = OptionValues.Names,
        Description = "Mediators that sign; all of the negotiation's when left out.",
        HelpName = "mediator",
        AllowMultipleArgumentsPerToken = true,
    };

    public Option<string> Lane { get; } = LaneOption();

    public Option<TimeSpan> Lifetime { get; } = new("--lifetime")
    {
        CustomParser = OptionValues.Duration,
        Description = "How long it may be delivered, up to 30 days, such as 90s, 15m, 2h, 3d or 01:30:00.",
        HelpName = "time",
        DefaultValueFactory = static _ => TimeSpan.FromHours(1),
    };

    public Option<DateTimeOffset?> NotBefore { get; } = new("--not-before")
    {
        CustomParser = OptionValues.Moment,
        Description = "Embargo: not delivered before, e.g. 2026-12-01T09:00:00Z.",
        HelpName = "time",
    };

    public Option<FileInfo?> Add { get; } = new("--add")
    {
        CustomParser = FileValues.Input("Make one with 'relay sign ... --out envelope.json'."),
        Description = "Envelope to add signatures to, instead of making one.",
        HelpName = "path",
    };

    public Option<FileInfo[]> Head { get; } = new("--head")
    {
        CustomParser = FileValues.Inputs("Take the envelope, or what 'relay sign --head ...' wrote."),
        Description =
            "Sign the head in this file, an envelope's or one alone, and write it with its signatures and without the content: what "
                + "mediators who need not hold the content pass on. Several are signed together, with one call of each vault.",
        HelpName = "path",
        AllowMultipleArgumentsPerToken = true,
    };

    public Option<DirectoryInfo?> Into { get; } = new("--into")
    {
        CustomParser = FileValues.Folder,
        Description = "Folder to write the heads of --head to, each under the name of its file.",
        HelpName = "folder",
    };

    public Option<FileInfo?> Attach { get; } = new("--attach")
    {
        CustomParser = FileValues.Input("Take what 'relay sign --head ...' wrote."),
        Description = "Head whose signatures are added to the envelope of --add, instead of signing with the vault.",
        HelpName = "path",
    };

    public Option<long?> Again { get; } = new("--again")
    {
        CustomParser = OptionValues.Sequence,
        Description =
            "Make this sequence again: the same envelope while it holds, the same statement anew once it has expired, or with "
                + "--text or --file another one as long as the ledger has none.",
        HelpName = "sequence",
    };

    public Option<int> MaxBytes { get; } = new("--max-bytes")
    {
        CustomParser = OptionValues.Number(1024, EnvelopeLimits.DefaultMaxWireBytes),
        Description =
            $"Largest envelope that the relay takes: {EnvelopeSize.Usual} on a Standard bus, {EnvelopeLimits.DefaultMaxWireBytes} "
                + "on a Premium one.",
        HelpName = "bytes",
        DefaultValueFactory = static _ => EnvelopeSize.Usual,
    };

    public Option<bool> Force { get; } = new("--force") { Description = "Overwrite the file of --out, or those in --into." };

    public Option<FileInfo?> Out { get; } = new("--out", "-o")
    {
        CustomParser = FileValues.Output,
        Description = "File to write the envelope to; standard output when left out.",
        HelpName = "path",
    };

    public IEnumerable<Option> All =>
        [
            Negotiation, From, To, Text, File, AllowEmpty, ContentType, Mediators, Lane, Lifetime, NotBefore, Add, Attach, Head, Into,
            Again, MaxBytes, Out, Force, Ledger.RelayName, Ledger.RelayKey, Ledger.ClientCertificate, Target.Http, Target.Vault,
            Target.State,
        ];

    /// <summary>What an envelope that is there already has settled for good.</summary>
    public Option[] OfANewEnvelope =>
        [
            From, To, Text, File, AllowEmpty, ContentType, Lane, Lifetime, NotBefore, Again, Ledger.RelayName, Ledger.RelayKey,
            Ledger.ClientCertificate, Target.Http,
        ];

    private static Option<string> LaneOption()
    {
        var option = new Option<string>("--lane") { Description = "normal or urgent.", DefaultValueFactory = static _ => "normal" };
        return option.AcceptOnlyFromAmong("normal", "urgent");
    }
}

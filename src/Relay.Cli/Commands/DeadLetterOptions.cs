using System.CommandLine;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Relay.Azure.Bus;
using Relay.Azure.Ledger;
using Relay.DeadLetters;
using Relay.Cli.Parsing;
using Relay.Cli.Targets;
using Relay.Core.Directory;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Commands;

/// <summary>The options of <c>relay dlq</c>: which dead letters, on which bus, and where the operators' log is.</summary>
internal sealed class DeadLetterOptions
{
    private const string Example = "https://account.blob.core.windows.net/operators";

    private readonly TargetOptions _target = new();

    public DeadLetterOptions() => Lane.AcceptOnlyFromAmong("normal", "urgent");

    public Option<string?> Reason { get; } = new("--reason")
    {
        Description = "Only those with this reason, as 'relay dlq list' shows it.",
        HelpName = "code",
    };

    public Option<string?> Negotiation { get; } = new("--negotiation", "-n")
    {
        CustomParser = OptionValues.Name,
        Description = "Only envelopes of this negotiation.",
        HelpName = "name",
    };

    public Option<string?> Sender { get; } = new("--from")
    {
        CustomParser = OptionValues.Name,
        Description = "Only envelopes of this sender.",
        HelpName = "delegation",
    };

    public Option<string?> Lane { get; } = new("--lane")
    {
        Description = "Only those of one lane's queue; on a topic, only envelopes of the lane.",
        HelpName = "normal|urgent",
    };

    public Option<string?> Topic { get; } = new("--topic")
    {
        CustomParser = OptionValues.Topic,
        Description = $"Those of a delegation's topic, such as {DelegationTopic.Prefix}iran, instead of the queues'.",
        HelpName = "topic",
    };

    public Option<string?> Subscription { get; } = new("--subscription")
    {
        CustomParser = OptionValues.Name,
        Description = $"The topic's subscription; {BusEntities.InboxSubscription} when left out.",
        HelpName = "name",
    };

    public Option<DateTimeOffset?> Since { get; } = new("--since")
    {
        CustomParser = OptionValues.Moment,
        Description = "Only those that came there at this time or later.",
        HelpName = "time",
    };

    public Option<DateTimeOffset?> Before { get; } = new("--before")
    {
        CustomParser = OptionValues.Moment,
        Description = "Only those that came there before this time.",
        HelpName = "time",
    };

    public Option<long?> Number { get; } = new("--number")
    {
        CustomParser = OptionValues.Sequence,
        Description = "Only the one with the bus's number, as 'relay dlq show' prints it.",
        HelpName = "number",
    };

    /// <summary>Of commands that change something.</summary>
    public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Say how many there are and show some; change nothing." };

    public Option<Uri?> Container { get; } = new("--container")
    {
        CustomParser = AddressValues.Container(Example),
        Description = $"Container or folder of the operators' log, e.g. {Example}; the state folder's own when left out.",
        HelpName = "url",
    };

    /// <summary>Adds the options of the bus.</summary>
    public Command AddBus(Command command)
    {
        command.Add(_target.ServiceBus);
        command.Add(_target.State);
        return command;
    }

    /// <summary>Adds those that choose.</summary>
    public Command AddFilter(Command command)
    {
        Option[] all = [Reason, Negotiation, Sender, Lane, Since, Before, Number, Topic, Subscription];
        foreach (var option in all) command.Add(option);
        command.TakeOnlyWith(Topic, Subscription);
        return AddBus(command);
    }

    public DeadLetterFilter Filter(ParseResult parsed) => new()
    {
        Reason = parsed.GetValue(Reason),
        Negotiation = parsed.GetValue(Negotiation),
        Sender = parsed.GetValue(Sender),
        Lane = LaneText.TryParse(parsed.GetValue(Lane), out var lane) ? lane : null,
        Since = parsed.GetValue(Since),
        Before = parsed.GetValue(Before),
        Number = parsed.GetValue(Number),
        Subscription =
            DeadLetterSource.TryOfTopic(parsed.GetValue(Topic), parsed.GetValue(Subscription), out var subscription) ? subscription : null,
    };

    public ServiceBusClient OpenBus(ParseResult parsed) => _target.OpenServiceBus(parsed);

    /// <param name="parsed">Names the place.</param>
    /// <param name="time">Waits for a lock that another process holds.</param>
    public ILedgerStore OpenLog(ParseResult parsed, TimeProvider time) => parsed.GetValue(Container) switch
    {
        null => LedgerStores.OpenFolder(Path.Combine(_target.StateFolder(parsed), "operators"), time),
        { IsFile: true } folder => LedgerStores.OpenFolder(folder.LocalPath, time),
        var container => LedgerStores.OpenContainer(container, new DefaultAzureCredential()),
    };
}

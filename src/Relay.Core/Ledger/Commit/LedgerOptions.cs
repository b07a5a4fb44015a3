using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Relay.Core.Ledger.Commit;

/// <summary>Settings under <c>Relay:Ledger</c> that the commit reads; where ledgers are kept is the adapter's.</summary>
public sealed class LedgerOptions
{
    public const string SectionName = "Relay:Ledger";

    /// <summary>
    /// Name of the relay: 1 to 100 of <c>[a-z0-9.-]</c>; what origins of its
    /// ledgers begin with, so it must never change. Default <c>relay</c>.
    /// </summary>
    [Required]
    [RegularExpression("^[a-z0-9][a-z0-9.-]{0,99}$", ErrorMessage = "The field {0} expects 1 to 100 of [a-z0-9.-].")]
    public string RelayName { get; set; } = "relay";

    /// <summary>
    /// Longest wait for one call to the store: 100 ms to 1 min, default 10 s.
    /// What is slower may still land later, and the commit allows for that.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Time after which a group that was not committed is given back to its
    /// queue: 1 s to 2 min, default 25 s; under the queue's lock of 1 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:02:00")]
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>Most attempts of one group at the head's swap: 1 to 100, default 12.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 12;

    /// <summary>Longest wait for the vault to certify a checkpoint key: 1 s to 1 min, default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan VaultTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Most envelopes of one commit: 1 to 256, default 256.</summary>
    [Range(1, 256)]
    public int MaxGroup { get; set; } = 256;

    /// <summary>
    /// How much may stand behind a ledger's head before all of it is published: 0 to 1,048,576 bytes, default 65,536, some 70 entries. Each
    /// commit writes it again; publishing costs some ten writes and reads. 0 publishes after each commit.
    /// </summary>
    [Range(0, 1_048_576)]
    public int PublishBeyond { get; set; } = 65_536;

    /// <summary>
    /// How long after its newest decision a ledger is at rest, so that a visit publishes all of it: 0 to 1 day, default 1 h.
    /// Nobody waits for it: readers are served from the head.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RestsAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Most envelopes of each lane of one negotiation that wait for a commit in this process: 1 to 65,536, default 4,096.
    /// </summary>
    [Range(1, 65_536)]
    public int MaxWaiting { get; set; } = 4_096;

    /// <summary>Most ledgers kept at hand in this process: 1 to 100,000, default 1,000. Those that are idle longest give way.</summary>
    [Range(1, 100_000)]
    public int MaxLedgers { get; set; } = 1_000;

    /// <summary>
    /// Age from which any worker forwards a released envelope that the one that released it has not: 1 s to 1 h, default 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan TakeOverAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the record that an entry is forwarded waits for another commit to go with before it has one of its own: 0 to
    /// 10 min, default 20 s. A worker that dies meanwhile has those entries forwarded again if they come again; what was
    /// released is forwarded again by others after <see cref="TakeOverAfter"/>, so this should be shorter.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan MarkDelay { get; set; } = TimeSpan.FromSeconds(20);
}

[OptionsValidator]
internal sealed partial class LedgerOptionsValidator : IValidateOptions<LedgerOptions>;

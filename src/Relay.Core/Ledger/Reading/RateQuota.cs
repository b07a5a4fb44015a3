using Relay.Protocol.Negotiations;

namespace Relay.Core.Ledger.Reading;

/// <summary>One limit, and what is left of it.</summary>
/// <param name="Name"><c>sender</c> or <c>negotiation</c>.</param>
/// <param name="Limit">As the negotiation's document has it.</param>
/// <param name="Remaining">How many more would be admitted at once, behind the envelope that was asked about.</param>
/// <param name="Reset">How long until the whole burst is there again, if nothing comes.</param>
/// <param name="IsViolated">The envelope is past this one.</param>
public sealed record RateQuota(string Name, RateLimit Limit, long Remaining, TimeSpan Reset, bool IsViolated);

using System.Collections.Concurrent;
using Relay.Client.Delegations;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Demo;

/// <summary>Has each delegation say of the first envelope that it opened that it did, and checks the receipt of that.</summary>
/// <param name="cast">Who says it; without a relay whose receipts are checked nobody says anything.</param>
/// <param name="api">Its <see cref="HttpClient.BaseAddress"/> is the relay's; null when nothing is said. The caller disposes it.</param>
/// <param name="time">The clock.</param>
internal sealed class DemoAnswers(Cast cast, HttpClient? api, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, EnvelopeHead> _opened = new();

    /// <summary>A delegation has opened an envelope.</summary>
    public void Opened(string delegation, EnvelopeHead head) => _opened.TryAdd(delegation, head);

    /// <summary>Says it, each delegation's until the relay has it.</summary>
    /// <param name="wrong">Takes a sentence for each that the relay refused.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The receipts, checked, by delegation.</returns>
    public async Task<IReadOnlyList<AcknowledgementReceipt>> SayAsync(Action<string> wrong, CancellationToken cancellationToken)
    {
        var receipts = new List<AcknowledgementReceipt>();
        if (api is null || cast.Trust is not { } trust) return receipts;
        var submitter = new AcknowledgementSubmitter(api, trust, cast.Document, time);
        foreach (var (delegation, head) in _opened.OrderBy(opened => opened.Key, StringComparer.Ordinal))
        {
            using var identity = new LocalSigner(cast.Delegations[delegation].Identity);
            var draft = new AcknowledgementDraft { Id = head.Id, Digest = head.Digest, Reason = null, IssuedAt = time.GetUtcNow() };
            var said = await Acknowledgement.SignAsync(draft, identity, cancellationToken);
            var reply = await submitter.SendAsync(said, cancellationToken);
            while (reply.Kind is AcknowledgementReplyKind.NotNow or AcknowledgementReplyKind.NotYet)
            {
                await Task.Delay(reply.RetryAfter ?? Pause, time, cancellationToken);
                reply = await submitter.SendAsync(said, cancellationToken);
            }

            if (reply.Receipt is { } receipt) receipts.Add(receipt);
            else wrong($"The relay refuses that {delegation} opened {head.Id}: {reply.Detail}");
        }

        return receipts;
    }
}

using MathNet.Numerics.Statistics;
using Relay.Protocol.Ledger;
using Relay.Risk.Calculation;
using Relay.Risk.Observations;
using Relay.Risk.Results;
using Relay.Risk.Series;

namespace Relay.Risk;

/// <summary>Computes the signals. A pure function: the same entries and the same window give the same figures, whoever asks.</summary>
public static class SignalCalculator
{
    /// <summary>Computes them.</summary>
    /// <param name="negotiation">Name of the negotiation.</param>
    /// <param name="ledger">What <paramref name="observations"/> are of.</param>
    /// <param name="observations">The entries; what is later than the window is left out.</param>
    /// <param name="window">The window.</param>
    public static NegotiationSignals Compute(
        string negotiation, LedgerStretch ledger, LedgerObservations observations, SignalWindow window)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(observations);
        ArgumentNullException.ThrowIfNull(window);
        var isWhole = ledger.From == 0 || observations.First <= window.Since;
        var since = isWhole ? window.Since : observations.First ?? window.Since;
        var seconds = Math.Max(1, (window.Until - since).TotalSeconds);
        var envelopes = observations.Envelopes.Where(envelope => envelope.At <= window.Until).ToList();
        var evidence = observations.Evidence.Where(shown => shown.At <= window.Until).ToList();
        var answers = observations.Answers.Where(answer => answer.At <= window.Until).ToList();
        var paces = envelopes.GroupBy(envelope => envelope.Sender, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (Sent: group.ToList(), Pace: new Pace([.. group])))
            .ToList();
        return new NegotiationSignals
        {
            Negotiation = negotiation,
            Ledger = ledger,
            Since = since,
            Until = window.Until,
            IsWhole = isWhole,
            Mode = observations.Modes.LastOrDefault(mode => mode.At <= window.Until)?.Mode,
            Senders = [.. paces.Select(sender => Sender(sender.Sent, sender.Pace, since, window.Until, seconds))],
            Directions = [.. Replies.Of(envelopes, since, seconds)],
            Answers = [.. AnswerTally.Of(negotiation, envelopes, answers, since)],
            Agreement = Agreement(observations, envelopes, evidence, since, window.Until),
            Evidence = Count([.. evidence.Where(shown => shown.At > since)]),
            Alarms = [.. paces.SelectMany(sender => sender.Pace.AlarmsSince(since)).OrderBy(alarm => alarm.Index)],
            AlarmRule = new AlarmRule(
                ChangeDetector.Reference,
                ChangeDetector.Threshold,
                ChangeDetector.WarmUp,
                ChangeDetector.MeanBetweenFalseAlarms,
                ChangeDetector.MeanDelay),
        };
    }

    private static SenderSignals Sender(List<ObservedEnvelope> sent, Pace pace, DateTimeOffset since, DateTimeOffset until, double seconds)
    {
        var inWindow = sent.Where(envelope => envelope.At > since).ToList();
        var gaps = pace.GapsSince(since);
        var last = sent.Max(envelope => envelope.At);
        return new SenderSignals
        {
            Name = sent[0].Sender,
            Envelopes = inWindow.Count,
            Urgent = inWindow.Count(envelope => envelope.Lane == Protocol.Envelopes.Lane.Urgent),
            Rate = inWindow.Count / seconds,
            LastAt = last,
            Burstiness = Burstiness.Of(gaps),
            BurstinessOfFew = Burstiness.OfFew(gaps),
            Volatility = GapVolatility.Of(pace.Gaps),
            SilenceSuspicion = SilenceSuspicion.Of(pace.Gaps, (until - last).TotalSeconds),
            Delay = Spread.Of(inWindow.Select(envelope => Math.Max(0, (envelope.At - envelope.DueAt).TotalSeconds))),
            Slower = pace.Detector.Up,
            Faster = pace.Detector.Down,
            Segments = pace.Segments(),
        };
    }

    private static AgreementSignals Agreement(
        LedgerObservations observations,
        List<ObservedEnvelope> envelopes,
        List<ObservedEvidence> evidence,
        DateTimeOffset since,
        DateTimeOffset until)
    {
        var inWindow = envelopes.Where(envelope => envelope.At > since).ToList();
        var shares = inWindow.Select(envelope => envelope.Share).ToList();
        var mediators =
            from mediator in observations.Document?.Mediators.Values ?? []
            let vouched = inWindow.Count(envelope => envelope.Vouched.Contains(mediator.Name))
            let weight = (double)mediator.Weight / observations.Document!.Quorum.TotalWeight
            orderby mediator.Name
            select new MediatorSignals(
                mediator.Name,
                weight,
                vouched,
                inWindow.Count == 0 ? null : (double)vouched / inWindow.Count,
                Credibility.Of(weight, mediator.Name, evidence, until));
        return shares.Count == 0
            ? new AgreementSignals(null, null, null, [.. mediators])
            : new AgreementSignals(shares.Average(), shares.Min(), shares.PopulationStandardDeviation(), [.. mediators]);
    }

    private static EvidenceSignals Count(IReadOnlyCollection<ObservedEvidence> evidence) => new(
        evidence.Count(shown => shown.Kind == EvidenceKind.Equivocation),
        evidence.Count(shown => shown.Kind == EvidenceKind.BrokenChain),
        evidence.Count(shown => shown.Kind == EvidenceKind.ForkSeen));
}

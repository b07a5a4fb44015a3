using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Simulation.Tests.Bus;
using Relay.Simulation.Tests.Judging;
using Relay.Simulation.Tests.Kernel;

namespace Relay.Simulation.Tests.Workers;

/// <summary>
/// Those that envelopes are forwarded to, and what they say of them: most open, some refuse, some say it twice, and some are of two minds.
/// Each says it to whatever worker is there until it is answered.
/// </summary>
/// <param name="kernel">Chance and time.</param>
/// <param name="find">A worker that is alive; null when there is none.</param>
/// <param name="admit">What the relay makes of a proved acknowledgement, under the document in force.</param>
internal sealed class SimRecipients(
    SimKernel kernel, Func<SimWorker?> find, Func<Acknowledgement, AcknowledgementCandidate> admit)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly HashSet<(string Topic, EnvelopeId Id)> _met = [];

    /// <summary>What the relay has answered.</summary>
    public List<(Acknowledgement Said, AcknowledgementOutcome Outcome)> Answered { get; } = [];

    /// <summary>What was said and not answered yet.</summary>
    public int Waiting { get; private set; }

    /// <summary>An envelope was forwarded to a topic.</summary>
    public void Receive(string topic, SimBus.Forwarded message)
    {
        if (!_met.Add((topic, message.Id))) return;
        if (!Envelope.TryParse(message.Body, EnvelopeLimits.Default, out var envelope, out _, out var detail))
        {
            throw new InvalidOperationException(detail);
        }
        var delegation = topic["delegation-".Length..];
        var refuses = kernel.OneIn(5);
        Say(Answers.Get(envelope.Head, delegation, refuses ? "not-opened" : null));
        if (kernel.OneIn(4)) Say(Answers.Get(envelope.Head, delegation, refuses ? "not-opened" : null));
        if (kernel.OneIn(6)) Say(Answers.Get(envelope.Head, delegation, refuses ? null : "not-opened"));
    }

    private void Say(Acknowledgement said)
    {
        Waiting++;
        var done = false;
        kernel.After(kernel.Between(TimeSpan.Zero, TimeSpan.FromSeconds(20)), Try);

        void Try()
        {
            if (done) return;
            // A worker that dies never answers.
            kernel.After(Patience, Try);
            if (find() is { } worker) _ = TryAsync(worker);
        }

        async Task TryAsync(SimWorker worker)
        {
            var outcome = await worker.AcknowledgeAsync(admit(said)).ConfigureAwait(false);
            if (done || outcome.Verdict is AcknowledgementVerdict.LedgerUnavailable) return;
            done = true;
            Waiting--;
            Answered.Add((said, outcome));
        }
    }
}

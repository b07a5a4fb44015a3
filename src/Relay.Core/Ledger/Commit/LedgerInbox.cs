using Relay.Core.Ledger.Rules;

namespace Relay.Core.Ledger.Commit;

/// <summary>
/// What waits for a ledger's next commit: envelopes, acknowledgements, prekeys, changes of mode, marks of forwarded entries, visits. Safe
/// for concurrent use.
/// </summary>
internal sealed class LedgerInbox
{
    private const int MaxGroupBytes = 4 * 1_024 * 1_024;

    // Each costs some reads before the decision, and no envelope is to wait long for them.
    private const int MaxAcknowledgements = 64;

    // A bundle is up to 32 KiB of what stands behind the head, and so is all that a claim of 100 envelopes changes.
    private const int MaxPrekeys = 64;

    // Operators are few.
    private const int MaxModes = 16;

    private readonly LedgerServices _services;
    private readonly SerialWork<CommitGroup> _groups;

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private readonly LanedEnvelopes _envelopes;
    private readonly Queue<WaitingAcknowledgement> _acknowledgements = new();
    private readonly Queue<WaitingPrekeys> _prekeys = new();
    private readonly Queue<WaitingMode> _modes = new();
    private HashSet<long> _marks = [];
    private bool _areMarksDue;
    private bool _willMarksBeDue;
    private List<TaskCompletionSource<bool>> _visits = [];

    /// <param name="services">Settings and scheduler.</param>
    /// <param name="run">Works off a group; does not throw.</param>
    public LedgerInbox(LedgerServices services, Func<CommitGroup, Task> run)
    {
        _services = services;
        _envelopes = new LanedEnvelopes(services.Options.MaxWaiting);
        _groups = new SerialWork<CommitGroup>(_gate, services.Scheduler, Take, run);
    }

    /// <summary>Null while nothing waits and nothing is being committed.</summary>
    public Task? Run => _groups.Run;

    /// <summary>Takes an envelope, to be committed once something starts; null when too many wait.</summary>
    public Task<CommitOutcome>? TryAddAsync(Candidate candidate)
    {
        // Not RunContinuationsAsynchronously: it is completed on the ledger's scheduler, where its continuations belong.
        var outcome = new TaskCompletionSource<CommitOutcome>();
        lock (_gate)
        {
            return _envelopes.TryAdd(new WaitingEnvelope(candidate, outcome)) ? outcome.Task : null;
        }
    }

    /// <summary>Takes an acknowledgement and has it committed; null when too many wait.</summary>
    public Task<AcknowledgementOutcome>? TryAddAsync(AcknowledgementCandidate candidate)
    {
        var outcome = new TaskCompletionSource<AcknowledgementOutcome>();
        lock (_gate)
        {
            if (_acknowledgements.Count >= _services.Options.MaxWaiting) return null;
            _acknowledgements.Enqueue(new WaitingAcknowledgement(candidate, outcome));
            _groups.Start();
        }

        return outcome.Task;
    }

    /// <summary>Takes a bundle or a claim and has it committed; null when too many wait.</summary>
    public Task<PrekeyOutcome>? TryAddAsync(PrekeyCandidate candidate)
    {
        var outcome = new TaskCompletionSource<PrekeyOutcome>();
        lock (_gate)
        {
            if (_prekeys.Count >= _services.Options.MaxWaiting) return null;
            _prekeys.Enqueue(new WaitingPrekeys(candidate, outcome));
            _groups.Start();
        }

        return outcome.Task;
    }

    /// <summary>Takes a change of mode and has it committed; null when too many wait.</summary>
    public Task<ModeRuling>? TryAddAsync(ModeCandidate candidate)
    {
        var outcome = new TaskCompletionSource<ModeRuling>();
        lock (_gate)
        {
            if (_modes.Count >= MaxModes) return null;
            _modes.Enqueue(new WaitingMode(candidate, outcome));
            _groups.Start();
        }

        return outcome.Task;
    }

    /// <summary>Has what waits committed.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _groups.Start();
        }
    }

    /// <summary>True while marks wait for a commit.</summary>
    public bool HasMarks
    {
        get
        {
            lock (_gate)
            {
                return _marks.Count > 0;
            }
        }
    }

    /// <summary>Takes marks of forwarded entries, for whichever commit comes next.</summary>
    /// <returns>True when the caller is to see to it that <see cref="CommitMarks"/> is called after a while.</returns>
    public bool AddMarks(IEnumerable<long> indices)
    {
        lock (_gate)
        {
            _marks.UnionWith(indices);
            if (_marks.Count == 0 || _willMarksBeDue) return false;
            _willMarksBeDue = true;
            return true;
        }
    }

    /// <summary>Marks wait no longer for something else to be committed.</summary>
    public void CommitMarks()
    {
        lock (_gate)
        {
            _willMarksBeDue = false;
            _areMarksDue = _marks.Count > 0;
            if (_areMarksDue) _groups.Start();
        }
    }

    /// <summary>Takes a visit; the task says whether the ledger was found in order.</summary>
    public Task<bool> VisitAsync()
    {
        var done = new TaskCompletionSource<bool>();
        lock (_gate)
        {
            _visits.Add(done);
            _groups.Start();
        }

        return done.Task;
    }

    // Called under the gate.
    private CommitGroup? Take()
    {
        var isIdle = _envelopes.Count == 0 && _acknowledgements.Count == 0 && _prekeys.Count == 0 && _modes.Count == 0;
        if (isIdle && _visits.Count == 0 && !_areMarksDue) return null;
        var group = new CommitGroup();
        group.Envelopes.AddRange(_envelopes.Take(_services.Options.MaxGroup, MaxGroupBytes));
        while (group.Acknowledgements.Count < MaxAcknowledgements && _acknowledgements.TryDequeue(out var next))
        {
            group.Acknowledgements.Add(next);
        }

        while (group.Prekeys.Count < MaxPrekeys && _prekeys.TryDequeue(out var next))
        {
            group.Prekeys.Add(next);
        }

        while (_modes.TryDequeue(out var next)) group.Modes.Add(next);
        (group.Marks, _marks) = (_marks, []);
        _areMarksDue = false;
        (group.Visits, _visits) = (_visits, []);
        return group;
    }
}

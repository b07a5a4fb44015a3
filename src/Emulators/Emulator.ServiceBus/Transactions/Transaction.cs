using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Transactions;

/// <summary>What is to be done together. Not thread-safe: it belongs to one connection's read loop.</summary>
/// <param name="id">Its id.</param>
/// <param name="owner">The controller link that declared it.</param>
/// <param name="scope">The session of that link: links on it may work on any entity, others on one. Null for no such rule.</param>
internal sealed class Transaction(Guid id, object owner, object? scope)
{
    /// <summary>Most messages sent, settled or cancelled in one.</summary>
    public const int MaxOperations = 100;

    /// <summary>From the first operation on.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromMinutes(2);

    private readonly List<ITransactionWork> _work = [];
    private readonly HashSet<Guid> _lockTokens = [];
    private int _operations;
    private DateTimeOffset? _startedAt;
    private string? _entity;

    public Guid Id { get; } = id;

    /// <summary>The controller link that declared it; it is rolled back with it.</summary>
    public object Owner { get; } = owner;

    /// <summary>Bytes it holds until it ends.</summary>
    public long Bytes { get; private set; }

    public bool IsOutOfTime(DateTimeOffset now) => now - _startedAt >= MaxDuration;

    /// <summary>Takes work that can be done as things stand now.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="now">When.</param>
    /// <param name="from">The session it came on; null when that does not matter.</param>
    /// <param name="fault">Why the entity would not do it; <see cref="EntityFault.None"/> when it would.</param>
    public TransactionFault Add(ITransactionWork work, DateTimeOffset now, object? from, out EntityFault fault)
    {
        fault = EntityFault.None;
        var entity = EntityPath.TopLevel(work.Path);
        var isApart = from is not null && scope is not null && from != scope;
        if (isApart && !string.Equals(_entity ?? entity, entity, StringComparison.OrdinalIgnoreCase)) return TransactionFault.SpansEntities;
        if (_operations + work.Count > MaxOperations) return TransactionFault.LimitExceeded;
        lock (work.Domain.Gate)
        {
            fault = work.CheckLocked();
        }

        // A message is settled once.
        if (fault == EntityFault.None && work is SettleWork settle && settle.LockTokens.Any(_lockTokens.Contains))
        {
            fault = EntityFault.LockLost;
        }

        if (fault != EntityFault.None) return TransactionFault.None;
        if (work is SettleWork settled) _lockTokens.UnionWith(settled.LockTokens);
        _startedAt ??= now;
        _entity ??= entity;
        _operations += work.Count;
        Bytes += work.Bytes + ((work as SessionStateWork)?.StateBytes ?? 0);
        _work.Add(work);
        return TransactionFault.None;
    }

    /// <summary>Does everything, in the order it came, or nothing; in one append.</summary>
    /// <param name="path">The entity that refused, when a fault is returned.</param>
    public EntityOutcome Commit(out string path)
    {
        path = "";
        if (_work.Count == 0) return default;
        using var gates = new DomainGates(_work.Select(work => work.Domain));
        var added = new Dictionary<EntityDomain, long>();
        foreach (var work in _work)
        {
            path = work.Path;
            var fault = work.Domain.Journal.IsFailing ? EntityFault.StorageFailed : work.CheckLocked();
            var bytes = added[work.Domain] = added.GetValueOrDefault(work.Domain) + work.Bytes;
            if (fault == EntityFault.None && bytes > 0 && !work.Domain.HasRoomFor(bytes)) fault = EntityFault.QuotaExceeded;
            if (fault != EntityFault.None) return EntityOutcome.Failed(fault);
        }

        foreach (var work in _work)
        {
            work.ApplyLocked();
        }

        return gates.Commit();
    }
}

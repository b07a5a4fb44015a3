using Emulator.ServiceBus.Entities;

namespace Emulator.ServiceBus.Transactions;

/// <summary>The open transactions of one connection. Not thread-safe: every member is called on the connection's read loop.</summary>
/// <param name="time">Tells when a transaction has taken too long.</param>
internal sealed class ConnectionTransactions(TimeProvider time)
{
    /// <summary>Most that may be open at once.</summary>
    public const int MaxOpen = 256;

    /// <summary>Most bytes that all of them may hold.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    private readonly Dictionary<Guid, Transaction> _open = [];

    /// <summary>Begins one.</summary>
    /// <param name="owner">The link that controls it.</param>
    /// <param name="scope">The session of that link; null where it does not matter.</param>
    /// <returns>Its id; null when there are too many.</returns>
    public Guid? Declare(object owner, object? scope = null)
    {
        Sweep();
        if (_open.Count >= MaxOpen) return null;
        var transaction = new Transaction(Guid.NewGuid(), owner, scope);
        _open.Add(transaction.Id, transaction);
        return transaction.Id;
    }

    /// <summary>Takes work into a transaction.</summary>
    /// <param name="id">16 bytes; anything else is unknown.</param>
    /// <param name="work">What to do.</param>
    /// <param name="fault">Why the entity would not do it, when <see cref="TransactionFault.None"/> is returned.</param>
    /// <param name="from">The session it came on; null where it does not matter.</param>
    public TransactionFault Add(ReadOnlySpan<byte> id, ITransactionWork work, out EntityFault fault, object? from = null)
    {
        fault = EntityFault.None;
        Sweep();
        if (!TryFind(id, out var transaction)) return TransactionFault.UnknownId;
        if (_open.Values.Sum(open => open.Bytes) + work.Bytes > MaxBytes) return TransactionFault.LimitExceeded;
        return transaction.Add(work, time.GetUtcNow(), from, out fault);
    }

    public bool Contains(ReadOnlySpan<byte> id)
    {
        Sweep();
        return TryFind(id, out _);
    }

    /// <summary>Ends a transaction.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="fail">True to do nothing of it.</param>
    /// <param name="outcome">What became of it: why an entity refused, or what must be stored.</param>
    /// <param name="path">The entity that refused.</param>
    public TransactionFault Discharge(ReadOnlySpan<byte> id, bool fail, out EntityOutcome outcome, out string path)
    {
        outcome = default;
        path = "";
        Sweep();
        if (!TryFind(id, out var transaction)) return TransactionFault.UnknownId;
        _open.Remove(transaction.Id);
        if (fail) return TransactionFault.None;
        outcome = transaction.Commit(out path);
        return outcome.Fault == EntityFault.None ? TransactionFault.None : TransactionFault.RolledBack;
    }

    /// <summary>A controller link is gone, and what it had not discharged with it.</summary>
    public void RollBack(object owner)
    {
        foreach (var transaction in _open.Values.Where(transaction => transaction.Owner == owner).ToList())
        {
            _open.Remove(transaction.Id);
        }
    }

    private bool TryFind(ReadOnlySpan<byte> id, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Transaction? transaction)
    {
        transaction = null;
        return id.Length == 16 && _open.TryGetValue(new Guid(id), out transaction);
    }

    private void Sweep()
    {
        if (_open.Count == 0) return;
        var now = time.GetUtcNow();
        foreach (var late in _open.Values.Where(transaction => transaction.IsOutOfTime(now)).ToList())
        {
            _open.Remove(late.Id);
        }
    }
}

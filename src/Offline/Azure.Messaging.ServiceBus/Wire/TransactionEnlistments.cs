using System.Transactions;
using Relay.Amqp.Client;
using Relay.Amqp.Framing;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>
/// The part of one connection in ambient transactions: each is declared to the service's coordinator with the first operation in it and discharged when the
/// scope ends. No other resource manager may take part.
/// </summary>
internal sealed class TransactionEnlistments(ConnectionScope scope) : IAsyncDisposable
{
    private const string OtherManagers = "Local transactions are not supported with other resource managers/DTC.";

    // Guards the map. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Enlistment> _enlistments = new(StringComparer.Ordinal);
    private readonly LinkSlot<AmqpSender> _controller = new(scope.OpenControllerAsync, link => link.Link.IsOpen);

    /// <summary>The state that puts an operation into the ambient transaction; null without one.</summary>
    /// <exception cref="InvalidOperationException">The transaction has another isolation level than Serializable, or another resource manager.</exception>
    public async ValueTask<TransactionalState?> CurrentAsync(DeliveryState? outcome, CancellationToken cancellationToken)
    {
        if (Transaction.Current is not { } transaction)
        {
            return null;
        }

        if (transaction.IsolationLevel != IsolationLevel.Serializable)
        {
            throw new InvalidOperationException($"The only supported IsolationLevel is {nameof(IsolationLevel.Serializable)}; it was {transaction.IsolationLevel}.");
        }

        var id = await Enlist(transaction).Declared.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new TransactionalState(id, outcome);
    }

    public async ValueTask DisposeAsync() => await _controller.DisposeAsync().ConfigureAwait(false);

    private Enlistment Enlist(Transaction transaction)
    {
        var key = transaction.TransactionInformation.LocalIdentifier;
        lock (_gate)
        {
            if (_enlistments.TryGetValue(key, out var known))
            {
                return known;
            }

            var enlistment = new Enlistment(this, key);
            _enlistments.Add(key, enlistment);
            if (!transaction.EnlistPromotableSinglePhase(enlistment))
            {
                _enlistments.Remove(key);
                throw new InvalidOperationException(OtherManagers);
            }

            enlistment.Begin();
            return enlistment;
        }
    }

    private void Forget(string key)
    {
        lock (_gate)
        {
            _enlistments.Remove(key);
        }
    }

    private async Task<ReadOnlyMemory<byte>> DeclareAsync()
    {
        using var deadline = new CancellationTokenSource(scope.RetryPolicy.CalculateTryTimeout(0), scope.Time);
        var controller = await _controller.GetAsync(deadline.Token).ConfigureAwait(false);
        using var writer = new AmqpWriter();
        Declare.Write(writer);
        return await controller.SendAsync(writer.ToArray(), 0, null, deadline.Token).ConfigureAwait(false) switch
        {
            Declared declared => declared.TransactionId,
            Rejected rejected => throw ErrorMapping.FromError(rejected.Error, null),
            var other => throw new ServiceBusException(false, $"The coordinator did not declare the transaction: {other.GetType().Name}."),
        };
    }

    private async Task DischargeAsync(ReadOnlyMemory<byte> id, bool fail)
    {
        using var deadline = new CancellationTokenSource(scope.RetryPolicy.CalculateTryTimeout(0), scope.Time);

        // The transaction ended with its controller: another one would not know it.
        var controller = _controller.Current ?? throw new AmqpException(new AmqpError(AmqpCondition.DetachForced, "The link to the transaction coordinator is gone."));
        using var writer = new AmqpWriter();
        new Discharge(id, fail).Write(writer);
        if (await controller.SendAsync(writer.ToArray(), 0, null, deadline.Token).ConfigureAwait(false) is Rejected rejected)
        {
            throw ErrorMapping.FromError(rejected.Error, null);
        }
    }

    private sealed class Enlistment(TransactionEnlistments owner, string key) : IPromotableSinglePhaseNotification
    {
        /// <summary>The transaction's id at the service.</summary>
        public Task<ReadOnlyMemory<byte>> Declared { get; private set; } = null!;

        public void Begin() => Declared = Task.Run(owner.DeclareAsync);

        void IPromotableSinglePhaseNotification.Initialize()
        {
        }

        void IPromotableSinglePhaseNotification.SinglePhaseCommit(SinglePhaseEnlistment singlePhaseEnlistment)
        {
            owner.Forget(key);
            _ = EndAsync(singlePhaseEnlistment, fail: false);
        }

        void IPromotableSinglePhaseNotification.Rollback(SinglePhaseEnlistment singlePhaseEnlistment)
        {
            owner.Forget(key);
            _ = EndAsync(singlePhaseEnlistment, fail: true);
        }

        byte[] ITransactionPromoter.Promote() => throw new TransactionPromotionException(OtherManagers);

        // Off the caller, who blocks in the scope's Dispose until one of the answers below is given.
        private async Task EndAsync(SinglePhaseEnlistment singlePhase, bool fail)
        {
            await Task.Yield();
            try
            {
                await owner.DischargeAsync(await Declared.ConfigureAwait(false), fail).ConfigureAwait(false);
                if (fail)
                {
                    singlePhase.Aborted();
                }
                else
                {
                    singlePhase.Committed();
                }
            }
            catch (Exception exception)
            {
                var translated = ErrorMapping.Translate(exception, null);
                if (fail)
                {
                    singlePhase.Aborted(translated);
                }
                else
                {
                    singlePhase.InDoubt(translated);
                }
            }
        }
    }
}

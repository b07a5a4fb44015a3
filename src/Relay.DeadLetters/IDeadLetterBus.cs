namespace Relay.DeadLetters;

/// <summary>Port: dead letters of both lanes' queues and of the delegations' subscriptions, and queues and topics to send to.</summary>
internal interface IDeadLetterBus
{
    /// <summary>Looks at dead letters without a lock, in the bus's order.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="from">Least <see cref="DeadLetterKey.Number"/>.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Empty only past the last one.</returns>
    ValueTask<IReadOnlyList<DeadLetterMessage>> PeekAsync(
        DeadLetterSource source, long from, int most, CancellationToken cancellationToken);

    /// <summary>Puts copies on queue or topic, in this order, all of them or none; when it returns the bus has them durably.</summary>
    /// <remarks>When it throws, whether the bus has them is not known.</remarks>
    ValueTask SendAsync(DeadLetterSource source, IReadOnlyList<RedriveCopy> copies, CancellationToken cancellationToken);

    /// <summary>Takes dead letters under a lock, those first that came first and nobody has locked.</summary>
    /// <returns>Empty when there is none that is free.</returns>
    ValueTask<IReadOnlyList<DeadLetterMessage>> TakeAsync(DeadLetterSource source, int most, CancellationToken cancellationToken);

    /// <summary>Removes one that was taken.</summary>
    /// <returns>False when its lock is lost: then it comes again.</returns>
    ValueTask<bool> TryCompleteAsync(DeadLetterMessage taken, CancellationToken cancellationToken);

    /// <summary>Gives back one that was taken; one whose lock is lost is free already.</summary>
    ValueTask ReleaseAsync(DeadLetterMessage taken, CancellationToken cancellationToken);
}

using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>
/// Events of a link on which the peer sends. Called as <see cref="IConnectionHandler"/> says: on the read loop, in order, no lock held.
/// </summary>
public interface IReceivingLinkHandler
{
    /// <summary>
    /// A whole delivery arrived. Its spans are valid during the call only: copy
    /// what is kept. Unless it is settled, settle it later from any thread.
    /// </summary>
    void OnDelivery(ReceivingLink link, in IncomingDelivery delivery);

    /// <summary>
    /// The sender told a state of an unsettled delivery: its settled answer to <see cref="ReceivingLink.Update"/>, or its own settling.
    /// </summary>
    /// <param name="link">The link.</param>
    /// <param name="deliveryId">The delivery, valid on this session.</param>
    /// <param name="state">The sender's state; may be null.</param>
    /// <param name="settled">True when the delivery is now forgotten on both sides.</param>
    void OnDisposition(ReceivingLink link, uint deliveryId, DeliveryState? state, bool settled)
    {
    }

    /// <summary>The sender answered <see cref="ReceivingLink.Drain"/>: credit is 0 now.</summary>
    void OnDrained(ReceivingLink link)
    {
    }

    /// <summary>The sender's flow properties or available count arrived; rarely of interest.</summary>
    void OnFlow(ReceivingLink link)
    {
    }

    /// <summary>The link is gone, for whatever reason. Called once for each accepted link.</summary>
    void OnDetached(ReceivingLink link, in LinkClosure closure);
}

/// <summary>
/// Events of a link on which we send. Called as <see cref="IConnectionHandler"/> says, <see cref="OnSendable"/> excepted.
/// </summary>
public interface ISendingLinkHandler
{
    /// <summary>
    /// <c>SendingLink.TrySend</c> may succeed again: credit came, the session
    /// window opened, or congestion ended. A hint that may come when nothing
    /// changed, on the read loop or on a thread that just wrote to the transport,
    /// and then also at the same time as other events. Must not block.
    /// </summary>
    void OnSendable(SendingLink link);

    /// <summary>
    /// The peer drains with credit left: send what is at hand, then call <see cref="SendingLink.CompleteDrain"/>;
    /// when Congested on the way, send on at OnSendable first. Answered by the library when credit is 0.
    /// </summary>
    void OnDrain(SendingLink link);

    /// <summary>
    /// The receiver told a state of a delivery, one call per delivery of a range. When
    /// it did not settle, act and answer with <see cref="SendingLink.Settle"/>.
    /// </summary>
    void OnDisposition(SendingLink link, in OutgoingDisposition disposition);

    /// <summary>
    /// The link is gone, for whatever reason. Called once for each accepted link. Unsettled deliveries are reported by no other call.
    /// </summary>
    void OnDetached(SendingLink link, in LinkClosure closure);
}

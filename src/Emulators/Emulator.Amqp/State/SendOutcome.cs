namespace Emulator.Amqp.State;

/// <summary>What became of an attempt to send.</summary>
public enum SendOutcome
{
    /// <summary>Taken: bytes are copied and credit is spent.</summary>
    Sent,

    /// <summary>The receiver gave no credit. <see cref="ISendingLinkHandler.OnSendable"/> follows when it does.</summary>
    NoCredit,

    /// <summary>
    /// Session window closed, output not read by the peer, or too many unsettled
    /// deliveries. <see cref="ISendingLinkHandler.OnSendable"/> follows.
    /// </summary>
    Congested,

    /// <summary>The payload is larger than the receiver's max-message-size. The link lives on.</summary>
    TooLarge,

    /// <summary>The link, session or connection is gone.</summary>
    Closed,
}

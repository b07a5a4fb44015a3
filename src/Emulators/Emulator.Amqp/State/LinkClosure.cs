using Emulator.Amqp.Framing;

namespace Emulator.Amqp.State;

/// <summary>Why a link is gone.</summary>
/// <param name="Scope">What ended.</param>
/// <param name="ByPeer">True when the peer or the transport ended it, false when this side did.</param>
/// <param name="Error">The error of the side that ended it; null for an orderly end.</param>
public readonly record struct LinkClosure(ClosureScope Scope, bool ByPeer, AmqpError? Error);

/// <summary>What ended when a link is gone.</summary>
public enum ClosureScope
{
    /// <summary>The link was detached.</summary>
    Link,

    /// <summary>Its session ended.</summary>
    Session,

    /// <summary>The connection closed or was lost.</summary>
    Connection,
}

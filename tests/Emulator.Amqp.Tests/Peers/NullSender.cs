using Emulator.Amqp.State;

namespace Emulator.Amqp.Tests.Peers;

/// <summary>Ignores every event.</summary>
public sealed class NullSender : ISendingLinkHandler
{
    public void OnSendable(SendingLink link)
    {
    }

    public void OnDrain(SendingLink link)
    {
    }

    public void OnDisposition(SendingLink link, in OutgoingDisposition disposition)
    {
    }

    public void OnDetached(SendingLink link, in LinkClosure closure)
    {
    }
}
